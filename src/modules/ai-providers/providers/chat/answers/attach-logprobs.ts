import type { StreamPart } from '../../../interfaces/ai-adapter.interface.js';
import type { JsonFields } from '../../../interfaces/message.interface.js';

/**
 * Puts probabilities, in OpenAI's form, beside what they are of among the parts from `from` on: the first text, else the
 * first refusal or call.
 */
export function attachLogprobs(logprobs: JsonFields, parts: StreamPart[], from: number): void {
  const said = parts.slice(from);
  const bearer = said.find(({ type }) => type === 'text') ?? said.find(canBear);
  if (bearer !== undefined && canBear(bearer)) bearer.logprobs = logprobs;
}

type Bearer = Extract<StreamPart, { type: 'text' | 'refusal' | 'tool_call' }>;

function canBear(part: StreamPart): part is Bearer {
  return part.type === 'text' || part.type === 'refusal' || part.type === 'tool_call';
}
