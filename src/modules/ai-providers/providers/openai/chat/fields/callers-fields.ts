import type { DialectTarget } from '../../../../dialects/fit.js';
import { REASONING_FIELDS } from '../../../../dialects/openai/openai.reasoning.js';
import type { ProviderCall } from '../../../../interfaces/ai-adapter.interface.js';
import type { JsonFields } from '../../../../interfaces/message.interface.js';
import { asArray, asObject } from '../../../wire/json-value.js';
import type { ChatRequest } from '../request.js';

/** What the service itself decides, whatever a caller writes beside its words. */
const OWN_FIELDS: readonly string[] = ['model', 'messages', 'stream', 'n'];

/** The body with what its caller wrote beyond our words; the same body where that is nothing. */
export function withCallersFields(
  request: ChatRequest,
  call: ProviderCall,
  target: DialectTarget,
): ChatRequest {
  const { openaiFields, providerOptions } = call;
  const written = openaiFields && inWordsOf(target, openaiFields, call);
  const own = providerOptions?.openai;
  if (written === undefined && own === undefined) return request;
  const fields: Record<string, unknown> = { ...written, ...own };
  for (const name of OWN_FIELDS) Reflect.deleteProperty(fields, name);
  return {
    ...request,
    ...fields,
    ...(fields['tools'] !== undefined && { tools: [...(request.tools ?? []), ...asArray(fields['tools'])] }),
    ...streamOptions(request, fields),
  } as ChatRequest;
}

/** OpenAI knows one word for how much to think; the others' are translated into it and not sent. */
function inWordsOf({ type }: DialectTarget, fields: JsonFields, { reasoning }: ProviderCall): JsonFields {
  if (type !== 'OPENAI' || reasoning === undefined) return fields;
  const left: Record<string, unknown> = { ...fields };
  for (const name of REASONING_FIELDS) if (name !== 'reasoning_effort') delete left[name];
  return left;
}

/** Ours is for our own account; a plain request takes none. */
function streamOptions(request: ChatRequest, fields: JsonFields): Partial<ChatRequest> {
  if (fields['stream_options'] === undefined) return {};
  if (request.stream !== true) return { stream_options: undefined };
  const given = asObject(fields['stream_options']) ?? {};
  return { stream_options: { ...given, ...request.stream_options } };
}
