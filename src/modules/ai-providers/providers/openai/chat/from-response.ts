import { ProviderError } from '../../../errors/provider.error.js';
import type { ProviderAnswer, ProviderCall, StreamPart } from '../../../interfaces/ai-adapter.interface.js';
import { gatherAnswer } from '../../chat/streams/gather-answer.js';
import { asArray, asObject, asText } from '../../wire/json-value.js';
import { answerFields } from './fields/answer-fields.js';
import { ChoiceReader } from './choice-reader.js';
import { usageIn } from './outcome.js';
import { errorIn } from '../to-error.js';

/**
 * A `chat.completion` in our words, read as a stream of one event would be.
 * @throws ProviderError the vendor's own error where the body is one, `malformed` where it is not a completion,
 * `server_error` where the vendor gave up, `truncated` where the answer was cut.
 */
export function fromResponse(json: unknown, call: ProviderCall): ProviderAnswer {
  const body = asObject(json) ?? {};
  const error = errorIn(body);
  if (error) throw error;
  const choices = asArray(body.choices);
  if (!choices.some((choice) => asObject(asObject(choice)?.message) !== undefined)) {
    throw new ProviderError('malformed', 'The answer is not a chat completion.');
  }
  const parts: StreamPart[] = [{ type: 'start', id: asText(body.id), model: asText(body.model) }];
  const reader = new ChoiceReader(call.messages);
  reader.read(choices, parts);
  const answer = answerFields(body, call);
  if (answer) parts.push({ type: 'beside', answer });
  reader.finish(usageIn(body) ?? {}, parts);
  return gatherAnswer(parts, call);
}
