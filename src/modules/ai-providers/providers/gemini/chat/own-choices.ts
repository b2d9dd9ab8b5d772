import type { Refused } from '../../../dialects/fit.js';
import { fitGemini, revocableGemini } from '../../../dialects/gemini/gemini.options.js';
import type { ProviderCall } from '../../../interfaces/ai-adapter.interface.js';
import type { RefusalWords } from '../../refusals/refusal-words.js';

/** "Penalty is not enabled for models/gemini-2.5-flash": it means both. */
const PENALTIES = ['presencePenalty', 'frequencyPenalty'];

/** What of ours a refusal means, as it is to be remembered; undefined where it is about something else. */
export function refusedOfGemini(
  said: RefusalWords,
  call: ProviderCall,
  refused: Refused,
): Refused | undefined {
  const own = revocableGemini(call, fitGemini(call, refused).options);
  const named = own.filter((name) => said.name(name) || (PENALTIES.includes(name) && said.name('penalty')));
  if (named.length === 0) return undefined;
  const less = new Map(refused);
  for (const name of named) less.set(name, null);
  return less;
}
