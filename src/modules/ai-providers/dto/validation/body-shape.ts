import { validationFailed } from '../../errors/field-problem.js';

/** Deeper than any request, and well within what every recursion over it survives. */
const MAX_DEPTH = 100;

/** Objects, lists and values in them. A conversation of 10,000 turns with 128 tools has fewer than half as many. */
const MAX_VALUES = 200_000;

/**
 * What no check by field sees: that the body is a JSON object, is not nested without end, and is not of more values
 * than a request can mean. Whatever comes after may recurse and visit each value.
 * @throws AIError `VALIDATION_FAILED`
 */
export function assertBodyIsPlain(body: unknown): asserts body is object {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw refused('must be a JSON object');
  }
  countValues(body, 1, 0);
}

/**
 * The same by what a text is before it is parsed, for what needs memory alone.
 * @param structure `values` are at most twice as many as there are
 * @throws AIError `VALIDATION_FAILED`
 */
export function assertStructure({ values, depth }: { values: number; depth: number }): void {
  if (depth > MAX_DEPTH) throw tooDeep();
  if (values > 2 * MAX_VALUES) throw tooManyValues();
}

/** Gives how many values there are in `value` and what was counted before. The recursion ends at `MAX_DEPTH`. */
function countValues(value: object, depth: number, before: number): number {
  if (depth > MAX_DEPTH) throw tooDeep();
  const isList = Array.isArray(value);
  const names = isList ? undefined : Object.keys(value);
  const length = isList ? value.length : names!.length;
  let count = before + length;
  if (count > MAX_VALUES) throw tooManyValues();
  for (let index = 0; index < length; index += 1) {
    const child: unknown = isList ? value[index] : (value as Record<string, unknown>)[names![index]!];
    if (typeof child === 'object' && child !== null) count = countValues(child, depth + 1, count);
  }
  return count;
}

function tooDeep(): Error {
  return refused(`must not be nested deeper than ${MAX_DEPTH} levels`);
}

function tooManyValues(): Error {
  return refused(`must not hold more than ${MAX_VALUES} values`);
}

function refused(problem: string): Error {
  return validationFailed([{ field: 'body', message: `the body ${problem}` }]);
}
