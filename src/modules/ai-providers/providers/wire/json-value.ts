import { parseBounded } from './bounded-json.js';

export type JsonObject = Record<string, unknown>;

/** A count as a vendor gives it: undefined where it gives none, null where what it gives can be no count. */
export type SaidCount = number | null | undefined;

/** The value as a JSON object, or undefined for anything else: arrays, null, primitives. */
export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** The value as an array; an empty one for anything else. */
export function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as a string that says something, or undefined. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
/**
 * The value as a count: a number that a vendor did not give is never 0, and a fraction, a negative number, or one so large
 * that a double does not hold it is null. Whether a request can have so many tokens is for `accounting/` to say. Relays exist
 * that write it as text.
 */
export function asCount(value: unknown): SaidCount {
  const count = typeof value === 'string' && /^\d{1,40}$/.test(value) ? Number(value) : value;
  if (typeof count !== 'number') return undefined;
  return Number.isSafeInteger(count) && count >= 0 ? count : null;
}

/** The sum of the counts that are given; undefined where none is, null where one of them can be no count. */
export function sumOfCounts(...counts: readonly SaidCount[]): SaidCount {
  let sum: SaidCount;
  for (const count of counts) {
    if (count === null) return null;
    if (count !== undefined) sum = (sum ?? 0) + count;
  }
  return asCount(sum);
}

/** The text as a JSON object, or undefined where it is not JSON, not an object, or more than `parseBounded` takes. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    return asObject(parseBounded(text));
  } catch {
    return undefined;
  }
}
