import { createHash } from 'node:crypto';
import stringify from 'safe-stable-stringify';
import { v5 } from 'uuid';
import { fieldProblem, validationFailed } from '../ai-providers/errors/field-problem.js';

/** Any UUID: the name space of jobs that were asked for with a key. */
const NAMESPACE = '3f0c9d0e-6f55-4b6e-9d0d-6a6f1f6f3c55';

/** A string of RFC 9651 §3.3.3, as the draft has it, or the bare text that most clients send. */
const QUOTED = /^"((?:[ !#-[\]-~]|\\["\\])+)"$/;
const BARE = /^[!-~]+$/;
const MAX_LENGTH = 255;

/**
 * The key of the header `Idempotency-Key`: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/.
 * @throws AIError `VALIDATION_FAILED`
 */
export function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const key = text.startsWith('"')
    ? QUOTED.exec(text)?.[1]?.replace(/\\(["\\])/g, '$1')
    : BARE.exec(text)?.[0];
  if (key !== undefined && key.length <= MAX_LENGTH) return key;
  const problem = `Idempotency-Key must be 1 to ${MAX_LENGTH} visible ASCII characters, in double quotes or not`;
  throw validationFailed([fieldProblem(problem)]);
}

/** The same id for the same key of the same caller. */
export function jobIdOf(key: string, caller: string | null): string {
  return v5(JSON.stringify([caller, key]), NAMESPACE);
}

/** Equal for equal submissions, whatever the order of their fields. */
export function fingerprintOf(submission: object): string {
  return createHash('sha256').update(stringify(submission)).digest('hex');
}
