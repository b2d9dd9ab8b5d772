import type { JsonFields } from '../interfaces/message.interface.js';

/**
 * The probabilities of two pieces of an answer as those of both, in OpenAI's form: lists of tokens. `first` is what an earlier call gave,
 * and its lists grow: to copy them at each piece would cost the square of the answer's length. `second` stays as it is.
 */
export function joinLogprobs(first: JsonFields | undefined, second: JsonFields): JsonFields {
  const joined = new Map(Object.entries(first ?? {}));
  for (const [name, value] of Object.entries(second)) {
    const before = joined.get(name);
    if (!Array.isArray(value)) {
      if (value !== null || before === undefined) joined.set(name, value);
    } else if (Array.isArray(before)) for (const token of value) before.push(token);
    else joined.set(name, [...(value as unknown[])]);
  }
  return Object.fromEntries(joined);
}
