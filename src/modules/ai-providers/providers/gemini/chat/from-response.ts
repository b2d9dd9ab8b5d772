import { ProviderError } from '../../../errors/provider.error.js';
import type { ProviderAnswer, ProviderCall, StreamPart } from '../../../interfaces/ai-adapter.interface.js';
import { gatherAnswer } from '../../chat/streams/gather-answer.js';
import { asArray, asObject, asText } from '../../wire/json-value.js';
import { blockReasonOf, CandidateReader } from './candidate-reader.js';
import { toUsage } from './outcome.js';
import { errorFromBody } from '../to-error.js';

/**
 * A whole answer in our words, read as a stream of one event would be. A prompt that was blocked is an answer without
 * content that ended by the content filter, with the block's reason as the vendor's.
 *
 * @throws ProviderError `malformed` where there is neither; the vendor's own where the body is an error; `server_error` where
 * the vendor gave up.
 */
export function fromResponse(json: unknown, call: ProviderCall): ProviderAnswer {
  const response = asObject(json) ?? {};
  if ('error' in response) throw errorFromBody(response);
  const candidates = asArray(response.candidates);
  const blockReason = blockReasonOf(response);
  const parts: StreamPart[] = [
    { type: 'start', id: asText(response.responseId), model: asText(response.modelVersion) },
  ];
  const usage = toUsage(asObject(response.usageMetadata) ?? {}, true);
  if (candidates.some((candidate) => asObject(candidate) !== undefined)) {
    const reader = new CandidateReader(call.messages);
    reader.read(candidates, parts);
    reader.finish(usage, parts);
  } else if (blockReason !== undefined) {
    parts.push({ type: 'finish', finishReason: 'content_filter', rawFinishReason: blockReason, usage });
  } else {
    throw new ProviderError('malformed', 'Gemini answered without a candidate.');
  }
  return gatherAnswer(parts, call);
}
