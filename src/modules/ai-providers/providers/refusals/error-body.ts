import {
  asErrorStatus,
  asWord,
  isMute,
  isNaming,
  isProse,
  isSpeaking,
  jsonIn,
  nameOf,
  placeIn,
} from './error-words.js';
import { asObject } from '../wire/json-value.js';
import type { JsonObject } from '../wire/json-value.js';

/** How much of an error body is read, in bytes. Our number: the largest real ones are a few KB. */
export const MAX_ERROR_BYTES = 64 * 1024;

/** Bounds of the search. Our numbers, far above any real error. */
const MAX_NODES = 2_000;
const MAX_DEPTH = 24;
const MAX_TEXTS_IN_TEXTS = 4;
const MAX_SENTENCES = 8;

/** Beyond this a joined message begins with what lies innermost, so that shortening it keeps that. In characters. */
const ROOM = 400;

/** What the body of an error says, found by its form: text, list or object, at any depth, JSON within a text too. */
export interface ErrorReading {
  /**
   * The vendor's words for people, each with the place it speaks of; the body itself where it has no sentence; undefined
   * where it says nothing. Neither shortened nor free of secrets.
   */
  readonly message: string | undefined;
  /** The single sentences without their places, innermost first: an aggregator's error wraps the vendor's. */
  readonly sentences: readonly string[];
  /** Code and type that stand beside the innermost sentence which has any, else the outermost. */
  readonly code: string | undefined;
  readonly type: string | undefined;
  /** All codes, types, reasons and status words, innermost first. */
  readonly words: readonly string[];
  /** The parts of the request that it names (`param`, `loc`, `field` …), innermost first, as `stream_options.include_usage`. */
  readonly places: readonly string[];
  /** The HTTP status that the body names, outermost first. */
  readonly status: number | undefined;
  /** Every object of the body, outermost first, for what a single vendor adds. */
  readonly details: readonly JsonObject[];
  /** The title where the body is, or holds, a page of HTML, which is not words; empty where it has none. */
  readonly pageTitle: string | undefined;
}

/** A sentence and where it was found. Rank 2: under a name for sentences; 1: elsewhere; 0: a single word under such a name. */
interface Sentence {
  text: string;
  place: string | undefined;
  depth: number;
  rank: 0 | 1 | 2;
  code: string | undefined;
  type: string | undefined;
}

/** Something still to be looked at, and what is known of it from where it stands. */
interface Node {
  value: unknown;
  name: string;
  key: string;
  depth: number;
  holder: JsonObject | undefined;
  /** The field of the request that the sentences below are listed under. */
  place: string | undefined;
}

/** Reads `body`, which is a text, or JSON already parsed. Work is linear in its size and bounded. */
export function readErrorBody(body: unknown): ErrorReading {
  const text = typeof body === 'string' ? body.slice(0, MAX_ERROR_BYTES).trim() : undefined;
  const walk = new BodyWalk(0);
  const json = text === undefined ? undefined : jsonIn(text);
  walk.read(json?.isAll ? json.value : (text ?? body));
  const reading = walk.reading();
  if (reading.message !== undefined || reading.pageTitle !== undefined) return reading;
  return { ...reading, message: text === undefined ? walk.whole(body) : wholeText(text) };
}

/** Looks at the outer things before the inner ones, so that junk inside hides nothing outside. */
class BodyWalk {
  private readonly queue: Node[] = [];
  private readonly sentences: Sentence[] = [];
  private readonly words: string[] = [];
  private readonly places: string[] = [];
  private readonly details: JsonObject[] = [];
  private status: number | undefined;
  private pageTitle: string | undefined;

  constructor(private readonly textsAbove: number) {}

  read(value: unknown): void {
    this.queue.push({ value, name: 'message', key: '', depth: 0, holder: undefined, place: undefined });
    for (let at = 0; at < this.queue.length && at < MAX_NODES; at++) this.visit(this.queue[at]!);
  }

  /** The body itself, where it is JSON that says nothing to people. */
  whole(body: unknown): string | undefined {
    if (typeof body !== 'object' || body === null || this.queue.length >= MAX_NODES) return undefined;
    return wholeText(
      JSON.stringify(body, (_key, value: unknown) => (typeof value === 'string' ? clipped(value) : value)),
    );
  }

  reading(): ErrorReading {
    const best = Math.max(-1, ...this.sentences.map(({ rank }) => rank));
    const said = this.sentences
      .filter(({ rank }) => rank === best)
      .sort((one, other) => one.depth - other.depth)
      .slice(0, MAX_SENTENCES);
    const inward = said.toReversed();
    const speaker = inward.find(({ code, type }) => code !== undefined || type !== undefined);
    const outer = this.details.find((object) => codeOf(object) ?? typeOf(object));
    return {
      message: joined(said),
      sentences: inward.map(({ text }) => text),
      code: speaker ? speaker.code : outer && codeOf(outer),
      type: speaker ? speaker.type : outer && typeOf(outer),
      words: this.words.toReversed(),
      places: this.places.toReversed(),
      status: this.status,
      details: this.details,
      pageTitle: this.pageTitle,
    };
  }

  private visit(node: Node): void {
    const { value } = node;
    if (typeof value === 'string') this.visitText(value, node);
    else if (Array.isArray(value))
      this.enter(node, value.slice(0, MAX_NODES).entries(), node.holder, node.place);
    else {
      const object = asObject(value);
      if (object) this.visitObject(object, node);
    }
  }

  private visitObject(object: JsonObject, node: Node): void {
    this.details.push(object);
    const place = placeIn(object) ?? node.place;
    if (place !== undefined) this.places.push(place);
    this.enter(node, Object.entries(object), object, place);
  }

  private enter(
    { depth, name, key: above }: Node,
    entries: Iterable<readonly [string | number, unknown]>,
    holder: JsonObject | undefined,
    place: string | undefined,
  ): void {
    if (depth >= MAX_DEPTH) return;
    for (const [key, value] of entries) {
      if (this.queue.length >= MAX_NODES) return;
      if (typeof key === 'number')
        this.queue.push({ value, name, key: above, depth: depth + 1, holder, place });
      else this.enterField(key, value, depth + 1, holder, place);
    }
  }

  private enterField(
    key: string,
    value: unknown,
    depth: number,
    holder: JsonObject | undefined,
    place: string | undefined,
  ): void {
    const name = nameOf(key);
    if (isMute(name, holder !== undefined && speaksItself(holder))) return;
    // `{"errors": {"max_tokens": ["is too large"]}}`: the name of the list is the field that it speaks of.
    const isNamedList =
      Array.isArray(value) && key.trim() !== '' && !isSpeaking(name) && typeof value[0] === 'string';
    const within = isNamedList ? key.slice(0, 120) : place;
    if (
      isNamedList &&
      within !== undefined &&
      value.some((item) => typeof item === 'string' && isProse(item))
    ) {
      this.places.push(within);
    }
    this.queue.push({ value, name: isNamedList ? 'message' : name, key, depth, holder, place: within });
    if (name === 'code' || name === 'status' || name === 'statuscode') this.status ??= asErrorStatus(value);
    if (isNaming(name) && !key.startsWith('@')) this.note(value);
  }

  private note(value: unknown): void {
    const word = typeof value === 'number' ? String(value) : asWord(value);
    if (word !== undefined && asErrorStatus(value) === undefined) this.words.push(word);
  }

  private visitText(given: string, { name, key, depth, holder, place }: Node): void {
    const whole = clipped(given).trim();
    if (wholeText(whole) === undefined) return;
    if (isPage(whole)) {
      this.pageTitle ??= titleOf(whole);
      return;
    }
    const text = XML.test(whole) ? wordsOfXml(whole) : whole;
    if (this.visitJson(text, depth)) return;
    const rank = rankOf(text, name, key);
    if (rank === undefined) {
      if (name === 'error') this.note(text);
      return;
    }
    const code = holder && codeOf(holder);
    this.sentences.push({ text, place, depth, rank, code, type: holder && typeOf(holder) });
    if (name === 'error' && rank === 0) this.note(text);
  }

  /** Whether the text holds JSON that has a sentence, which then speaks in its place. */
  private visitJson(text: string, depth: number): boolean {
    const json = this.textsAbove < MAX_TEXTS_IN_TEXTS ? jsonIn(text) : undefined;
    if (json === undefined) return false;
    const inner = new BodyWalk(this.textsAbove + 1);
    inner.read(json.value);
    if (!inner.sentences.some(({ rank }) => json.isAll || rank === 2)) return false;
    for (const sentence of inner.sentences)
      this.sentences.push({ ...sentence, depth: depth + sentence.depth });
    this.words.push(...inner.words);
    this.places.push(...inner.places);
    this.details.push(...inner.details);
    this.status ??= inner.status;
    return true;
  }
}

function rankOf(text: string, name: string, key: string): Sentence['rank'] | undefined {
  const speaking = key === '' || isSpeaking(name);
  if (isProse(text)) return speaking ? 2 : isNaming(name) ? undefined : 1;
  return speaking && name !== 'reason' ? 0 : undefined;
}

function speaksItself(object: JsonObject): boolean {
  return Object.entries(object)
    .slice(0, 32)
    .some(([key, value]) => typeof value === 'string' && isSpeaking(nameOf(key)));
}

function codeOf(object: JsonObject): string | undefined {
  return wordOf(object, ['code', 'error_code', 'errorCode', 'err_code']);
}

function typeOf(object: JsonObject): string | undefined {
  return wordOf(object, ['type', 'error_type', 'errorType', '__type', 'status']);
}

function wordOf(object: JsonObject, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = Object.hasOwn(object, key) ? object[key] : undefined;
    if (asErrorStatus(value) !== undefined) continue;
    const word = typeof value === 'number' ? String(value) : asWord(value);
    if (word !== undefined) return word;
  }
  return undefined;
}

/** All sentences in one, outermost first; where that is long, innermost first. What another one says already is left out. */
function joined(said: readonly Sentence[]): string | undefined {
  const texts = said.map(({ text, place }) =>
    place === undefined || mentions(text, place) ? text : `${text} (${place})`,
  );
  const different = texts.filter(
    (text, at) =>
      !texts.some((other, place) => place !== at && other.includes(text) && (other !== text || place < at)),
  );
  if (different.length === 0) return undefined;
  const length = different.reduce((sum, text) => sum + text.length, 0);
  return (length > ROOM ? different.toReversed() : different).join('; ');
}

/** Whether the text names the place, as a word of its own. */
function mentions(text: string, place: string): boolean {
  if (place === '') return true;
  for (let at = text.indexOf(place); at >= 0; at = text.indexOf(place, at + 1)) {
    if (!/\w/.test(text.charAt(at - 1)) && !/\w/.test(text.charAt(at + place.length))) return true;
  }
  return false;
}

function wholeText(text: string): string | undefined {
  return ['', '{}', '[]', 'null', '""'].includes(text) ? undefined : text;
}

/** Bounded by what is read of a body; only an event of a stream may be longer. */
function clipped(text: string): string {
  return text.length > MAX_ERROR_BYTES ? text.slice(0, MAX_ERROR_BYTES) : text;
}

/** Qwen begins its sentences with a status in brackets (`<400> InternalError…`), S3 and its kin answer in XML. */
function isPage(text: string): boolean {
  return /^<(?:!|html|head|body|title|meta|center|div|h\d|p[\s>])/i.test(text);
}

const XML = /^<[?a-z]/i;

function wordsOfXml(text: string): string {
  return text
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function titleOf(page: string): string {
  const lower = page.toLowerCase();
  const start = lower.indexOf('>', lower.indexOf('<title'));
  const end = lower.indexOf('</title', start);
  if (!lower.includes('<title') || start < 0 || end < 0) return '';
  const title = page.slice(start + 1, end).trim();
  return title.includes('<') ? '' : title;
}
