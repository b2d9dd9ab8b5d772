import { z } from 'zod';
import type {
  ContentPart,
  JsonFields,
  MediaSource,
} from '../../ai-providers/interfaces/message.interface.js';
import { chosen, isObject, jsonObject, lenient, list, whole } from './openai-schema.js';
import { unreadFields, unreadWithin } from './unread-fields.js';

const TEXT: ReadonlySet<string> = new Set(['type', 'text', 'refusal']);

/** Parts that only servers of this dialect know: vLLM's and Alibaba's, Mistral's. */
const OTHER_PARTS = [
  'video_url',
  'audio_url',
  'document_url',
  'reference',
  'thinking',
  'input_video',
  'file',
] as const;

const textPart = z
  .looseObject({ type: z.enum(['text', 'input_text', 'output_text']), text: z.string() })
  .transform((part) => withUnread({ type: 'text', text: part.text }, unreadFields(part, TEXT)));

const refusalPart = z
  .looseObject({ type: z.literal('refusal'), refusal: z.string() })
  .transform((part) => withUnread({ type: 'text', text: part.refusal }, unreadFields(part, TEXT)));

/** An http(s) URL, or a `data:` URL with base64 (RFC 2397). */
const mediaUrl = z.string().transform((url, context): MediaSource => {
  if (/^https?:\/\//i.test(url)) return { url };
  const inline = /^data:([^;,]+);base64,(.+)$/s.exec(url);
  if (inline) return { mediaType: inline[1]!, data: inline[2]! };
  context.addIssue('must be a URL');
  return z.NEVER;
});

const imagePart = z
  .looseObject({ type: z.literal('image_url'), image_url: z.looseObject({ url: mediaUrl }) })
  .transform((part) =>
    withUnread({ type: 'image', source: part.image_url.url }, unreadMedia(part, 'image_url', 'url')),
  );

const audioPart = z
  .looseObject({
    type: z.literal('input_audio'),
    input_audio: z.looseObject({ data: z.string(), format: z.string() }),
  })
  .transform((part) => {
    const { data, format } = part.input_audio;
    const source = { data, mediaType: `audio/${format}` };
    return withUnread({ type: 'audio', source }, unreadMedia(part, 'input_audio', 'data'));
  });

const filePart = z
  .looseObject({
    type: z.literal('file'),
    file: z.looseObject({ file_data: mediaUrl, filename: lenient(z.string().min(1)) }),
  })
  .transform((part) => {
    const { file_data: source, filename: name } = part.file;
    const read: ContentPart = name === undefined ? { type: 'file', source } : { type: 'file', source, name };
    return withUnread(read, unreadMedia(part, 'file', 'file_data'));
  });

const otherPart = z
  .looseObject({ type: z.enum(OTHER_PARTS) })
  .refine((part) => isObject(part[part.type]), { abort: true })
  .transform((part): ContentPart => ({ type: 'other', openaiFields: part }));

const part = whole(
  jsonObject.pipe(z.union([textPart, refusalPart, imagePart, audioPart, filePart, otherPart])),
  'must be a part of type text, image_url, input_audio or file',
);

const parts = list(part, Infinity, 'must be a string or an array of parts');

/** `content` of a message: text, or parts. */
export const content = chosen<string | ContentPart[]>((value) =>
  typeof value === 'string' ? z.string() : parts,
);

function withUnread(read: ContentPart, unread: JsonFields | undefined): ContentPart {
  return unread === undefined ? read : { ...read, openaiFields: unread };
}

function unreadMedia(part: JsonFields, inner: string, held: string): JsonFields | undefined {
  return unreadWithin(part, new Set(['type', inner]), inner, new Set([held, 'format', 'filename']));
}
