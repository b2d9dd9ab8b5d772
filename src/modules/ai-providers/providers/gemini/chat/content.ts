import type { Content, FileData, Part } from '@google/generative-ai';
import type { ChatMessage, ContentPart, MediaSource } from '../../../interfaces/message.interface.js';
import { parseObject } from '../../wire/json-value.js';

/**
 * Since Gemini 3 a function call in the history needs the signature it was given out with, which a conversation that may
 * go from vendor to vendor does not carry; this is the vendor's word for a call that another model made:
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
const FOREIGN_SIGNATURE = 'skip_thought_signature_validator';

/** Media types by a URL's ending, as far as Gemini takes them: https://ai.google.dev/gemini-api/docs/file-prompting-strategies */
const TYPE_OF_ENDING: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
  ['heic', 'image/heic'],
  ['gif', 'image/gif'],
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
  ['mp3', 'audio/mp3'],
  ['wav', 'audio/wav'],
  ['ogg', 'audio/ogg'],
  ['flac', 'audio/flac'],
  ['mp4', 'video/mp4'],
]);

/**
 * Turns of alternating roles. Empty texts, and turns left without a part, are dropped. The model may speak first: current
 * models take that, and one that does not teaches it (`HistoryLessons`).
 */
export function toContents(messages: ChatMessage[], model: string): Content[] {
  const contents: Content[] = [];
  const signed = Number(/gemini-(\d+)/i.exec(model)?.[1] ?? 0) >= 3;
  for (const message of messages) {
    const role = message.role === 'assistant' ? 'model' : 'user';
    const parts = message.role === 'tool' ? toolResult(message, signed) : partsOf(message, signed);
    const last = contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else if (parts.length > 0) contents.push({ role, parts });
  }
  return contents;
}

function partsOf(message: ChatMessage, signed: boolean): Part[] {
  const { content, toolCalls = [], providerData } = message;
  // As the vendor said it: the thoughts' signatures stand within.
  if (providerData?.google !== undefined) return [...providerData.google.parts] as unknown as Part[];
  const said = typeof content === 'string' ? textParts(content) : content.flatMap(toParts);
  const calls = toolCalls.map(({ id, name, arguments: args }, index) => ({
    // The model may have written something that is no JSON object; Gemini takes nothing else.
    functionCall: { id, name, args: parseObject(args || '{}') ?? { arguments: args } },
    // "In parallel calls only the first part has a signature", same page.
    ...(signed && index === 0 && { thoughtSignature: FOREIGN_SIGNATURE }),
  }));
  return [...said, ...calls];
}

/**
 * A result bears the id and the name of the call that it answers; one that is no JSON object stands under `output`:
 * https://ai.google.dev/api/caching#FunctionResponse
 *
 * Images and files that a tool gave stand within the result since Gemini 3, which takes them by value there, else beside it:
 * https://ai.google.dev/gemini-api/docs/function-calling#multimodal
 */
function toolResult(message: ChatMessage, nests: boolean): Part[] {
  const { content, toolCallId: id = '', name = id } = message;
  const text =
    typeof content === 'string'
      ? content
      : content.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const media =
    typeof content === 'string' ? [] : content.flatMap((part) => (part.type === 'text' ? [] : toParts(part)));
  const within = nests ? media.filter((part) => 'inlineData' in part) : [];
  const functionResponse = {
    id,
    name,
    response: parseObject(text) ?? { output: text },
    ...(within.length > 0 && { parts: within }),
  };
  return [{ functionResponse }, ...media.filter((part) => !within.includes(part))];
}

function toParts(part: ContentPart): Part[] {
  switch (part.type) {
    case 'text':
      return textParts(part.text);
    case 'image':
    case 'file':
    case 'audio':
      return [mediaPart(part.source)];
    case 'other':
      throw new Error('Gemini has no such part');
  }
}

function textParts(text: string): Part[] {
  return text === '' ? [] : [{ text }];
}

function mediaPart(source: MediaSource): Part {
  if ('data' in source) return { inlineData: { mimeType: source.mediaType, data: source.data } };
  const ending = /\.(\w+)(?:[?#]|$)/.exec(source.url)?.[1]?.toLowerCase() ?? '';
  const mimeType = TYPE_OF_ENDING.get(ending);
  // The API lets the type go unsaid; only the SDK's type does not.
  const fileData = { ...(mimeType && { mimeType }), fileUri: source.url } as FileData;
  return { fileData };
}
