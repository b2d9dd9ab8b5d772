import { ProviderError } from '../../../errors/provider.error.js';
import type { ToolCallDelta } from '../../../interfaces/completion.interface.js';
import type { ChatMessage } from '../../../interfaces/message.interface.js';
import { asText } from '../../wire/json-value.js';
import { CallIds } from './call-ids.js';
import { argumentsText, OpenCall } from './open-call.js';

/**
 * What one answer may hold of tool calls. Our numbers: OpenAI takes 128 tools in a request, and no model writes more than
 * some 400,000 tokens, 1.6 million characters, in all.
 */
export const MAX_CALLS = 1_024;
export const MAX_ARGUMENT_CHARS = 4 * 1024 * 1024;

/** A piece of a tool call as a vendor sent it. Index and id are hints, in whatever form they come. */
export interface CallPiece {
  index?: unknown;
  id?: unknown;
  name?: unknown;
  arguments?: unknown;
  /** A call of OpenAI's custom tools, whose arguments are any text. */
  custom?: boolean;
}

/**
 * Puts the pieces of an answer's tool calls together, whatever their numbering, and gives them out in canonical form:
 * indices 0, 1, 2 … in order of opening; id and name exactly once, in the call's first piece; after that arguments alone,
 * which are the text of a JSON object. Nothing a vendor sends is used as a number: time and memory are in proportion to
 * what it sent, and bounded.
 */
export class ToolCallAssembler {
  private readonly calls: OpenCall[] = [];
  private readonly latestAt = new Map<string, OpenCall>();
  private readonly byVendorsId = new Map<string, OpenCall>();
  /** What came before a call's name, by index. */
  private readonly nameless = new Map<string | undefined, { id: string | undefined; text: string }>();
  private readonly ids: CallIds;
  private chars = 0;

  /** @param conversation the turns that the answer follows */
  constructor(conversation: readonly ChatMessage[]) {
    this.ids = new CallIds(conversation);
  }

  /** Whether a call's arguments end in the middle. */
  get isCut(): boolean {
    return this.calls.some(({ head, state }) => !head.custom && state === 'open');
  }

  /**
   * Takes a piece of a stream that may open a call or go on with one. It opens one when it brings a name, and with it an id
   * that no call has, or an index not seen before, or, where no ids come, when the call's arguments are whole already.
   * Arguments alone go on with the latest call at their index, else with the last one, even if the id has changed.
   * @throws ProviderError `malformed` beyond the bounds
   */
  add(piece: CallPiece): ToolCallDelta[] {
    const key = hintOf(piece.index);
    const id = idOf(piece.id);
    const name = asText(piece.name);
    const text = argumentsText(piece.arguments);
    const call = this.meant(key, id);
    if (name !== undefined && (call === undefined || this.isNew(call, key, id, name, text))) {
      return this.openWith(key, id, name, text, '', piece.custom);
    }
    if (call === undefined || (text.trim() === '' && id !== undefined && this.isUnseen(key, id))) {
      this.hold(key, id, text);
      return [];
    }
    return this.extend(call, text);
  }

  /**
   * Opens a call where the vendor says so. Its arguments are whole where they stand here; `given` are they where no pieces of
   * them come before it is closed.
   */
  open(piece: CallPiece, given?: unknown): ToolCallDelta[] {
    const name = asText(piece.name);
    if (name === undefined) throw nameless();
    const text = argumentsText(piece.arguments);
    const { index, id, custom } = piece;
    const deltas = this.openWith(hintOf(index), idOf(id), name, text, argumentsText(given), custom);
    if (text !== '') for (const delta of deltas) delta.arguments += this.calls[delta.index]?.settle() ?? '';
    return deltas;
  }

  /** No more comes for the call at that index. */
  close(index: unknown): ToolCallDelta[] {
    const call = this.latestAt.get(hintOf(index) ?? '');
    return call ? this.settle(call) : [];
  }

  /** No more comes at all: what arguments still lack. @throws ProviderError `malformed` where a call has no name. */
  end(): ToolCallDelta[] {
    for (const { text } of this.nameless.values()) if (text.trim() !== '') throw nameless();
    return this.calls.flatMap((call) => this.settle(call));
  }

  private meant(key: string | undefined, id: string | undefined): OpenCall | undefined {
    const atIndex = key === undefined ? undefined : this.latestAt.get(key);
    if (atIndex !== undefined && (id === undefined || atIndex.head.vendorsId === id)) return atIndex;
    const byId = id === undefined ? undefined : this.byVendorsId.get(id);
    return byId ?? atIndex ?? this.calls.at(-1);
  }

  private isNew(
    call: OpenCall,
    key: string | undefined,
    id: string | undefined,
    name: string,
    text: string,
  ): boolean {
    if (id !== undefined && !this.byVendorsId.has(id)) return true;
    if (key !== undefined && !this.latestAt.has(key)) return true;
    if (id !== undefined) return false;
    const { state } = call;
    const isRepeated = call.head.name === name;
    // A server that gives ids repeats the name alone with a call that it goes on with.
    if (state === 'whole') return !isRepeated || call.head.vendorsId === undefined || text.trim() !== '';
    return state !== 'open' && !isRepeated;
  }

  private isUnseen(key: string | undefined, id: string): boolean {
    return !this.byVendorsId.has(id) && (key === undefined || !this.latestAt.has(key));
  }

  private hold(key: string | undefined, id: string | undefined, text: string): void {
    this.count(text);
    const held = this.nameless.get(key);
    if (held === undefined) {
      if (this.nameless.size >= MAX_CALLS) throw tooMany();
      this.nameless.set(key, { id, text });
    } else {
      held.id ??= id;
      held.text += text;
    }
  }

  private openWith(
    key: string | undefined,
    id: string | undefined,
    name: string,
    text: string,
    given: string,
    custom = false,
  ): ToolCallDelta[] {
    if (this.calls.length >= MAX_CALLS) throw tooMany();
    const before = this.nameless.get(key);
    if (before) this.nameless.delete(key);
    const vendorsId = id ?? before?.id;
    const index = this.calls.length;
    const call = new OpenCall({ index, vendorsId, name, custom, given });
    this.calls.push(call);
    if (key !== undefined) this.latestAt.set(key, call);
    if (vendorsId !== undefined) this.byVendorsId.set(vendorsId, call);
    const begun = (before?.text ?? '') + text;
    this.count(given);
    this.count(begun);
    const first = call.add(begun);
    const delta: ToolCallDelta = { index, id: this.ids.claim(vendorsId), name, arguments: first };
    if (custom) delta.custom = true;
    return [delta];
  }

  private extend(call: OpenCall, text: string): ToolCallDelta[] {
    this.count(text);
    const released = call.add(text);
    return released === '' ? [] : [{ index: call.head.index, arguments: released }];
  }

  /** The rest of the arguments of a call that is over. */
  private settle(call: OpenCall): ToolCallDelta[] {
    const text = call.settle();
    return text === '' ? [] : [{ index: call.head.index, arguments: text }];
  }

  private count(text: string): void {
    this.chars += text.length;
    if (this.chars > MAX_ARGUMENT_CHARS) {
      throw new ProviderError('malformed', `The tool calls hold more than ${MAX_ARGUMENT_CHARS} characters.`);
    }
  }
}

/** A hint for telling calls apart, in whatever form it comes. */
export function hintOf(index: unknown): string | undefined {
  if (typeof index === 'number') return String(index);
  return asText(index);
}

function idOf(id: unknown): string | undefined {
  return typeof id === 'number' ? String(id) : asText(id);
}

function nameless(): ProviderError {
  return new ProviderError('malformed', 'A tool call of the answer has no name.');
}

function tooMany(): ProviderError {
  return new ProviderError('malformed', `The answer holds more than ${MAX_CALLS} tool calls.`);
}
