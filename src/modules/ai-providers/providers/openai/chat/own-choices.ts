import type { DialectTarget, Refused } from '../../../dialects/fit.js';
import { reasoningBack } from '../../../dialects/history-reasoning.js';
import { hasOfOpenAI } from '../../../dialects/openai/openai-turn.js';
import { fitOpenAI, revocableOpenAI } from '../../../dialects/openai/openai.options.js';
import type { ProviderCall } from '../../../interfaces/ai-adapter.interface.js';
import type { RefusalWords } from '../../refusals/refusal-words.js';

/** Marks a deployment that wants a reasoning, an empty one even, in each of the assistant's turns. */
export const REASONING_IS_MISSING = 'no reasoning_content';

/**
 * "The `reasoning_content` in the thinking mode must be passed back to the API." (DeepSeek), "reasoning_content is missing in
 * assistant tool call message at index 2" (Moonshot).
 */
const WANTS_REASONING = /reasoning (?:content )?.{0,80}(?:passed back|missing|required)/;

/** Words about how large a number is: then its name is right. */
const OF_SIZE = /too (?:large|high|big)|at most|less than|greater than|exceed|maximum|between|smaller/;

/** What of ours a refusal means, as it is to be remembered; undefined where it is about something else. */
export function refusedOfChat(
  said: RefusalWords,
  call: ProviderCall,
  stream: boolean,
  target: DialectTarget,
  refused: Refused,
): Refused | undefined {
  const back = reasoningBack(target, call.model);
  if (back && !back.always && !refused.has(REASONING_IS_MISSING) && WANTS_REASONING.test(said.toString())) {
    return new Map(refused).set(REASONING_IS_MISSING, null);
  }
  const name = ownNames(call, stream, target, refused).find((one) => isMeant(one, said, call));
  return name === undefined ? undefined : new Map(refused).set(name, null);
}

function ownNames(call: ProviderCall, stream: boolean, target: DialectTarget, refused: Refused): string[] {
  const { options } = fitOpenAI(call, target, refused);
  const names = revocableOpenAI(call, options).filter((name) => !refused.has(name));
  if (stream && !refused.has('stream_options')) names.push('stream_options');
  const back = reasoningBack(target, call.model);
  if (back && !refused.has(back.field) && call.messages.some(({ role }) => role === 'assistant'))
    names.push(back.field);
  if (!refused.has('annotations') && call.messages.some((turn) => hasOfOpenAI(turn, 'annotations')))
    names.push('annotations');
  return names;
}

function isMeant(name: string, said: RefusalWords, call: ProviderCall): boolean {
  if (name === 'stream_options') return said.name(name) || said.name('include_usage');
  if (!said.name(name)) return false;
  if (name !== 'max_tokens' && name !== 'max_completion_tokens') return true;
  // A number of the caller's that is too large is the caller's to read; the name of its field is ours.
  const isCallers = call.asked === undefined || call.asked.maxTokens !== undefined;
  return !(isCallers && OF_SIZE.test(said.toString()));
}
