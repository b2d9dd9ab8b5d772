import {
  BOTH_REFUSED,
  fitAnthropic,
  revocableAnthropic,
} from '../../../dialects/anthropic/anthropic.options.js';
import type { Refused } from '../../../dialects/fit.js';
import type { ProviderCall } from '../../../interfaces/ai-adapter.interface.js';
import type { RefusalWords } from '../../refusals/refusal-words.js';

/** "temperature and top_p cannot both be specified for this model. Please use only one." */
const ONE_OF_TWO = /temperature and top p cannot both/;

/** "input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000" */
const NO_ROOM = /exceed context limit (\d+) (\d+) (\d+)/;

/** "max_tokens: 32000 > 8192, which is the maximum allowed number of output tokens for …" */
const TOO_MANY = /max tokens \d+ (\d+)/;

/** What of ours a refusal means, as it is to be remembered; undefined where it is about something else. */
export function refusedOfAnthropic(
  said: RefusalWords,
  call: ProviderCall,
  refused: Refused,
): Refused | undefined {
  const { options } = fitAnthropic(call, refused);
  const own = revocableAnthropic(call, options);
  const words = said.toString();
  if (ONE_OF_TWO.test(words)) {
    const hasDefault = own.includes('temperature') || own.includes('top_p');
    return hasDefault && !refused.has(BOTH_REFUSED) ? new Map(refused).set(BOTH_REFUSED, null) : undefined;
  }
  const name = own.find((one) => said.name(one));
  if (name === undefined) return undefined;
  if (name !== 'max_tokens') return new Map(refused).set(name, null);
  // A bound there must be: it can only be made smaller.
  const room = NO_ROOM.exec(words);
  const limit = room ? Number(room[3]) - Number(room[1]) : Number(TOO_MANY.exec(words)?.[1] ?? 0);
  return limit > 0 && limit < options.max_tokens ? new Map(refused).set('max_tokens', limit) : undefined;
}
