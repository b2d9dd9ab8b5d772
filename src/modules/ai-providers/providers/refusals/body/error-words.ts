import type { JsonObject } from '../../wire/json-value.js';

/**
 * Ends of field names under which servers write sentences for people: OpenAI `message`, FastAPI `detail` and `msg`, MiniMax
 * `status_msg`, Baidu `error_msg`, Google `description`, RFC 9457 `title` and `detail`, OAuth `error_description`.
 */
const SPEAKING = /(?:message|messages|msg|description|errors?|details?|reason|title|cause|explanation)$/;

/** Fields whose text is a word for programs. */
const NAMING = new Set([
  'code',
  'errorcode',
  'subcode',
  'type',
  'errortype',
  'status',
  'reason',
  'kind',
  'category',
  'class',
  'exception',
]);

/** Fields that say which part of the request is meant: OpenAI `param`, FastAPI `loc`, Google `field`, RFC 9457 `pointer`. */
const PLACING = ['param', 'parameter', 'loc', 'field', 'property', 'pointer', 'instancePath', 'path'];

/** Fields that repeat the request, expose the server's internals, or point to a page; nothing in them is a reason. */
const MUTE = new Set([
  'input',
  'inputs',
  'ctx',
  'headers',
  'links',
  'stack',
  'stackentries',
  'stacktrace',
  'traceback',
  'failedgeneration',
  'flaggedinput',
  'requestid',
  'traceid',
]);

/** Longest name of a field that is looked at, and longest word or place that is believed to be one. */
const MAX_WORD_CHARS = 120;
const MAX_PATH_STEPS = 16;

export function nameOf(key: string): string {
  return key
    .slice(0, MAX_WORD_CHARS)
    .toLowerCase()
    .replace(/[^a-z]/g, '');
}

export function isSpeaking(name: string): boolean {
  return SPEAKING.test(name);
}

export function isNaming(name: string): boolean {
  return NAMING.has(name);
}

/** A sentence of the object itself shows that its `input` is an echo; one under that name alone is about the field. */
export function isMute(name: string, holderSpeaks: boolean): boolean {
  return MUTE.has(name) && (holderSpeaks || (name !== 'input' && name !== 'inputs'));
}

/** Whether the text is a sentence: several words, or a script that puts no blanks between words. */
export function isProse(text: string): boolean {
  return (/\s/.test(text) && /\p{L}/u.test(text)) || /[\u3040-\u9fff\uac00-\ud7af]/.test(text);
}

/** The text as a word for programs. */
export function asWord(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_WORD_CHARS) return undefined;
  const word = value.trim();
  return word === '' || isProse(word) ? undefined : word;
}

/** What the object says it is about, as a path without the part of the message in which it stands (`body`). */
export function placeIn(object: JsonObject): string | undefined {
  for (const key of PLACING) {
    const value = Object.hasOwn(object, key) ? object[key] : undefined;
    const place = Array.isArray(value) ? pathOf(value) : asWord(value);
    if (place !== undefined) return place;
  }
  return undefined;
}

function pathOf(steps: readonly unknown[]): string | undefined {
  if (steps.length === 0 || steps.length > MAX_PATH_STEPS) return undefined;
  const words = steps.map((step) => (typeof step === 'number' ? String(step) : asWord(step)));
  if (words.some((word) => word === undefined)) return undefined;
  const path = words[0] === 'body' ? words.slice(1) : words;
  return path.length > 0 ? path.join('.') : undefined;
}

/** The HTTP status that a number or its text is; undefined for any other. */
export function asErrorStatus(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= 400 && number < 600
    ? number
    : undefined;
}

/** JSON found in a text: the whole of it, or within a sentence. */
export interface FoundJson {
  value: object;
  isAll: boolean;
}

/** The JSON that a text is or holds: servers put the vendor's body into a sentence of their own, or into a text. */
export function jsonIn(text: string): FoundJson | undefined {
  if (text.startsWith('"')) {
    const inner = parsed(text);
    return typeof inner === 'string' ? jsonIn(inner.trim()) : undefined;
  }
  const start = text.search(/[{[]\s*\\?["{[]/);
  if (start < 0) return undefined;
  const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'));
  const value = parsedObject(text.slice(start, end + 1)) ?? parsedObject(firstLine(text.slice(start)));
  return value && { value, isAll: start === 0 };
}

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? '' : text.slice(0, end);
}

/** The object or list that the text writes, once or with its quotes escaped once more. */
function parsedObject(text: string): object | undefined {
  const value = parsed(text) ?? unescaped(text);
  return typeof value === 'object' && value !== null ? value : undefined;
}

function unescaped(text: string): unknown {
  const inner = parsed(`"${text}"`);
  return typeof inner === 'string' ? parsed(inner) : undefined;
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
