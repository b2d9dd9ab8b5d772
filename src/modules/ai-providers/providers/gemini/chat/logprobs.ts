import type { JsonFields } from '../../../interfaces/message.interface.js';
import { asArray, asObject, asText } from '../../wire/json-value.js';
import type { JsonObject } from '../../wire/json-value.js';

/**
 * Gemini's `logprobsResult` (https://ai.google.dev/api/generate-content#LogprobsResult) in OpenAI's form. At each step of the decoding
 * stand the token that was chosen and, in a list beside it, the likeliest ones.
 */
export function toLogprobs(result: JsonObject): JsonFields | undefined {
  const steps = asArray(result.topCandidates);
  const content: JsonFields[] = [];
  asArray(result.chosenCandidates).forEach((chosen, step) => {
    const token = toToken(chosen);
    if (token === undefined) return;
    const likeliest = asArray(asObject(steps[step])?.candidates);
    content.push({ ...token, top_logprobs: likeliest.flatMap((one) => toToken(one) ?? []) });
  });
  return content.length > 0 ? { content, refusal: null } : undefined;
}

function toToken(candidate: unknown): JsonFields | undefined {
  const { token, logProbability } = asObject(candidate) ?? {};
  const text = asText(token);
  if (text === undefined || typeof logProbability !== 'number') return undefined;
  return { token: text, logprob: logProbability, bytes: [...Buffer.from(text)] };
}
