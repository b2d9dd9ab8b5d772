import { quoted, validationFailed } from '../../ai-providers/errors/field-problem.js';
import type { JsonFields } from '../../ai-providers/interfaces/message.interface.js';

/** Fields without a word of ours in one object, and characters of their names, at most: as in `metadata`. */
const MAX_FIELDS = 64;
const MAX_NAME = 64;

/**
 * The fields of an object that have no word of ours, as they stand; undefined where there are none. Null is as if left out.
 * @throws AIError `VALIDATION_FAILED` where there are too many, or one has too long a name
 */
export function unreadFields(
  fields: Readonly<Record<string, unknown>>,
  read: ReadonlySet<string>,
): JsonFields | undefined {
  let unread: Record<string, unknown> | undefined;
  let count = 0;
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (read.has(name) || value === null || value === undefined) continue;
    count += 1;
    if (count > MAX_FIELDS)
      throw tooMuch(name, `is one too many: ${MAX_FIELDS} fields beyond those of this API are taken`);
    if (name.length > MAX_NAME) throw tooMuch(name, `must have a name of at most ${MAX_NAME} characters`);
    (unread ??= {})[name] = value;
  }
  return unread;
}

function tooMuch(name: string, problem: string): Error {
  const field = quoted(name);
  return validationFailed([{ field, message: `${field} ${problem}` }]);
}

/** The same of an object and of the one that it holds under `inner`. */
export function unreadWithin(
  fields: Readonly<Record<string, unknown>>,
  read: ReadonlySet<string>,
  inner: string,
  readWithin: ReadonlySet<string>,
): JsonFields | undefined {
  const outside = unreadFields(fields, read);
  const held = fields[inner];
  const within =
    typeof held === 'object' && held !== null && !Array.isArray(held)
      ? unreadFields(held as Record<string, unknown>, readWithin)
      : undefined;
  return within === undefined ? outside : { ...outside, [inner]: within };
}
