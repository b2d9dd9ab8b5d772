import { parseBounded } from './bounded-json.js';

export type JsonObject = Record<string, unknown>;

/**
 * Largest count of tokens that is believed. Our number: ten times the largest context window of any model, 10 million
 * tokens (https://ai.meta.com/blog/llama-4-multimodal-intelligence/); what is larger is no report but a fault.
 */
export const MAX_TOKEN_COUNT = 100_000_000;

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
 * The value as a count of tokens, or undefined: a number that a vendor did not give is never 0, and one that no request
 * could hold, a fraction or a negative one is not known. Relays exist that write it as text.
 */
export function asCount(value: unknown): number | undefined {
  const count = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return Number.isInteger(count) && (count as number) >= 0 && (count as number) <= MAX_TOKEN_COUNT
    ? (count as number)
    : undefined;
}

/** The text as a JSON object, or undefined where it is not JSON, not an object, or more than `parseBounded` takes. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    return asObject(parseBounded(text));
  } catch {
    return undefined;
  }
}
