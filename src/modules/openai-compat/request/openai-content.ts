import type {
  ContentPart,
  JsonFields,
  MediaSource,
} from '../../ai-providers/interfaces/message.interface.js';
import { isObject, type FieldReader } from './field.reader.js';
import { unreadFields, unreadWithin } from './unread-fields.js';

type Fields = Record<string, unknown>;

const TEXT: ReadonlySet<string> = new Set(['type', 'text', 'refusal']);

/** Parts that only servers of this dialect know: vLLM's and Alibaba's, Mistral's. */
const OTHER_PARTS: ReadonlySet<unknown> = new Set([
  'video_url',
  'audio_url',
  'document_url',
  'reference',
  'thinking',
  'input_video',
  'file',
]);

/** `content` of a message in our words; undefined where it is none. */
export function readContent(
  content: unknown,
  mayBeEmpty: boolean,
  path: string,
  body: FieldReader,
): string | ContentPart[] | undefined {
  if (typeof content === 'string') return content;
  if ((content === null || content === undefined) && mayBeEmpty) return '';
  if (!Array.isArray(content)) return body.refuse(path, 'must be a string or an array of parts');
  return content.flatMap(
    (part, index) => readPart(part) ?? body.refuse(`${path}.${index}`, PART_PROBLEM) ?? [],
  );
}

const PART_PROBLEM = 'must be a part of type text, image_url, input_audio or file';

function readPart(part: unknown): ContentPart | undefined {
  if (!isObject(part)) return undefined;
  switch (part['type']) {
    case 'text':
    case 'input_text':
    case 'output_text':
      return textOf(part, part['text']);
    case 'refusal':
      return textOf(part, part['refusal']);
    case 'image_url':
      return mediaPart('image', part, 'image_url', 'url', ({ url }) => mediaOf(url));
    case 'input_audio':
      return mediaPart('audio', part, 'input_audio', 'data', inlineAudio);
    case 'file':
      return filePart(part) ?? otherPart(part);
    default:
      return otherPart(part);
  }
}

function textOf(part: Fields, text: unknown): ContentPart | undefined {
  return typeof text === 'string' ? withUnread({ type: 'text', text }, unreadFields(part, TEXT)) : undefined;
}

function otherPart(part: Fields): ContentPart | undefined {
  return OTHER_PARTS.has(part['type']) && isObject(part[String(part['type'])])
    ? { type: 'other', openaiFields: part }
    : undefined;
}

function withUnread(part: ContentPart, unread: JsonFields | undefined): ContentPart {
  return unread === undefined ? part : { ...part, openaiFields: unread };
}

function filePart(part: Fields): ContentPart | undefined {
  const file = mediaPart('file', part, 'file', 'file_data', ({ file_data: data }) => mediaOf(data));
  const name = isObject(part['file']) ? part['file']['filename'] : undefined;
  return file?.type === 'file' && typeof name === 'string' && name !== '' ? { ...file, name } : file;
}

function mediaPart(
  type: 'image' | 'audio' | 'file',
  part: Fields,
  inner: 'image_url' | 'input_audio' | 'file',
  held: string,
  sourceOf: (holder: Fields) => MediaSource | undefined,
): ContentPart | undefined {
  const holder = part[inner];
  const source = isObject(holder) ? sourceOf(holder) : undefined;
  if (source === undefined) return undefined;
  const read = new Set([held, 'format', 'filename']);
  return withUnread({ type, source }, unreadWithin(part, new Set(['type', inner]), inner, read));
}

function inlineAudio({ data, format }: Record<string, unknown>): MediaSource | undefined {
  return typeof data === 'string' && typeof format === 'string'
    ? { data, mediaType: `audio/${format}` }
    : undefined;
}

/** An http(s) URL, or a `data:` URL with base64 (RFC 2397). */
function mediaOf(url: unknown): MediaSource | undefined {
  if (typeof url !== 'string') return undefined;
  if (/^https?:\/\//i.test(url)) return { url };
  const inline = /^data:([^;,]+);base64,(.+)$/s.exec(url);
  return inline ? { mediaType: inline[1]!, data: inline[2]! } : undefined;
}
