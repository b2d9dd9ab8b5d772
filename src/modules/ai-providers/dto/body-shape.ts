import { AIError } from '../errors/ai.error.js';

/** Deeper than any request, and well within what the validator's recursion survives. */
const MAX_DEPTH = 100;

/** How far down the field names are those of a DTO: its own, and those of the objects in its lists. */
const NAMED_LEVELS = 2;

/**
 * What a validator by class cannot see: that the body is a JSON object, that it is not nested without end, and that no
 * field bears a name which every object inherits, such as `toString`, and so would pass for a known one.
 * @throws AIError `VALIDATION_FAILED`
 */
export function assertBodyIsPlain(body: unknown): asserts body is object {
  if (!isObject(body)) throw refused('the body must be a JSON object');
  const inherited: string[] = [];
  findInheritedNames(body, '', 0, inherited);
  if (inherited.length > 0) throw refused(...inherited.map((name) => `${name} is not a known field`));
}

function findInheritedNames(value: object, path: string, depth: number, found: string[]): void {
  if (depth > MAX_DEPTH) throw refused(`the body must not be nested deeper than ${MAX_DEPTH} levels`);
  for (const name of Object.keys(value)) {
    const child = (value as Record<string, unknown>)[name];
    const isInherited = depth <= NAMED_LEVELS && name in Object.prototype;
    if (!isInherited && (typeof child !== 'object' || child === null)) continue;
    const where = path === '' ? name : `${path}.${name}`;
    if (isInherited) found.push(where);
    if (typeof child === 'object' && child !== null) findInheritedNames(child, where, depth + 1, found);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refused(...problems: string[]): AIError {
  return new AIError('VALIDATION_FAILED', problems.join('; '), { problems });
}
