import { fieldProblem, validationFailed } from '../../errors/field-problem.js';
import type { RevisionCondition } from '../../interfaces/ai-provider.interface.js';

/** A list of entity tags, weak ones too (RFC 9110 §8.8.3). */
const TAGS = /^(?:W\/)?"[\x21\x23-\x7e]{0,100}"(?:[ \t]*,[ \t]*(?:W\/)?"[\x21\x23-\x7e]{0,100}")*$/;

/**
 * The revisions that the header `If-Match` names (RFC 9110 §13.1.1); undefined where there is none. A weak tag matches
 * nothing, as the RFC has it: what was weakened on the way may stand for another revision.
 * @throws AIError `VALIDATION_FAILED` where it is no list of tags
 */
export function ifMatch(header: string | undefined): RevisionCondition | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (text === '*') return 'any';
  if (text.length > 1_000 || !TAGS.test(text)) {
    throw validationFailed([fieldProblem('If-Match must be * or a revision in quotes, such as "12"')]);
  }
  return text
    .split(/[ \t]*,[ \t]*/)
    .filter((tag) => tag.startsWith('"'))
    .map((tag) => tag.slice(1, -1));
}
