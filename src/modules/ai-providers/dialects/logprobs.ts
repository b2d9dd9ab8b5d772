import type { JsonFields } from '../interfaces/message.interface.js';

/** The probabilities of two pieces of an answer as those of both, in OpenAI's form: lists of tokens. */
export function joinLogprobs(first: JsonFields | undefined, second: JsonFields): JsonFields {
  if (first === undefined) return second;
  const joined = new Map<string, unknown>(Object.entries(first));
  for (const [name, value] of Object.entries(second)) {
    const before = joined.get(name);
    if (Array.isArray(before) && Array.isArray(value)) joined.set(name, before.concat(value));
    else if (value !== null) joined.set(name, value);
  }
  return Object.fromEntries(joined);
}
