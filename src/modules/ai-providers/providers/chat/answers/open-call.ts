import { asText, parseObject } from '../../wire/json-value.js';
import { ArgumentsProgress } from '../streams/arguments-progress.js';
import type { ArgumentsState } from '../streams/arguments-progress.js';

/** What is known of a call when it is opened. */
export interface CallHead {
  readonly index: number;
  readonly vendorsId: string | undefined;
  readonly name: string;
  /** A call of OpenAI's custom tools, whose arguments are any text. */
  readonly custom: boolean;
  /** Its arguments where no pieces of them come. */
  readonly given: string;
}

/**
 * A tool call as far as it has come. Its arguments are the text of a JSON object: nothing and `null` stand for `{}`, a `{}`
 * before other arguments is a placeholder (relays of Claude), and a JSON string that holds an object is that object.
 */
export class OpenCall {
  private readonly progress = new ArgumentsProgress();
  /** The beginning of the arguments while it does not show yet what they are. */
  private held = '';
  /** The pieces of arguments that are a JSON string. */
  private quoted: string[] | undefined;

  constructor(readonly head: CallHead) {}

  get state(): ArgumentsState {
    if (!this.held.startsWith('{')) return this.progress.state;
    return isEmptyObject(this.held) ? 'whole' : 'open';
  }

  /** Takes a piece of the arguments and gives what of them can be handed out now. */
  add(text: string): string {
    if (this.quoted !== undefined) {
      this.quoted.push(text);
      return '';
    }
    if (this.head.custom || this.progress.state !== 'blank') {
      this.progress.add(text);
      return text;
    }
    if (isEmptyObject(this.held) && text.trim() !== '') this.held = '';
    this.held = (this.held + text).trimStart();
    if (this.held.startsWith('"')) {
      this.quoted = [this.held];
      this.held = '';
      return '';
    }
    return isUndecided(this.held) ? '' : this.release(this.held);
  }

  /** No more comes: what the arguments still lack. */
  settle(): string {
    const { custom, given } = this.head;
    if (custom || this.progress.state !== 'blank') return '';
    if (this.quoted !== undefined) return this.release(withoutQuotes(this.quoted.join('')));
    const held = this.held.trimEnd();
    return this.release(held !== '' && held !== 'null' ? held : given.trim() || '{}');
  }

  private release(text: string): string {
    this.held = '';
    this.quoted = undefined;
    this.progress.add(text);
    return text;
  }
}

/** A longer beginning of blanks says nothing more. */
const MAX_HELD = 100;

function isEmptyObject(held: string): boolean {
  return held.length < MAX_HELD && held.replace(/\s/g, '') === '{}';
}

/** Whether a beginning may still be `null` or an empty object. */
function isUndecided(held: string): boolean {
  if (held.length >= MAX_HELD) return false;
  const begun = held.replace(/\s/g, '');
  return 'null'.startsWith(begun) || '{}'.startsWith(begun);
}

/** The object whose text a JSON string holds; the string itself where it holds none. */
function withoutQuotes(text: string): string {
  const inner = stringIn(text);
  return inner !== undefined && parseObject(inner) !== undefined ? inner : text;
}

function stringIn(text: string): string | undefined {
  try {
    return asText(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * Arguments as text, as far as one piece says: an object instead of a text is its JSON, an empty list what PHP makes of an
 * empty object.
 */
export function argumentsText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  if (Array.isArray(value) && value.length === 0) return '';
  return JSON.stringify(value);
}
