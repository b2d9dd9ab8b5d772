import type { StreamPart } from '../../../interfaces/ai-adapter.interface.js';
import type { JsonFields } from '../../../interfaces/message.interface.js';

/** Puts probabilities, in OpenAI's form, beside the text that they are of: the first among the parts from `from` on. */
export function attachLogprobs(logprobs: JsonFields, parts: StreamPart[], from: number): void {
  for (let at = from; at < parts.length; at++) {
    const part = parts[at];
    if (part?.type === 'text') {
      parts[at] = { ...part, logprobs };
      return;
    }
  }
}
