import { asObject } from '../../wire/json-value.js';
import type { JsonObject } from '../../wire/json-value.js';
import { codeOf, typeOf } from './error-code.js';
import type { ErrorReading } from './error-reading.interface.js';
import { joined, rankOf } from './error-sentence.js';
import type { Sentence } from './error-sentence.js';
import { clipped, isPage, titleOf, wholeText, wordsOfXml, XML } from './error-text.js';
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

/** Bounds of the search. Our numbers, far above any real error. */
const MAX_NODES = 2_000;
const MAX_DEPTH = 24;
const MAX_TEXTS_IN_TEXTS = 4;
const MAX_SENTENCES = 8;

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

/** Looks at the outer things before the inner ones, so that junk inside hides nothing outside. */
export class BodyWalk {
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

function speaksItself(object: JsonObject): boolean {
  return Object.entries(object)
    .slice(0, 32)
    .some(([key, value]) => typeof value === 'string' && isSpeaking(nameOf(key)));
}
