import type { ProviderAnswer, ProviderCall } from '../interfaces/ai-adapter.interface.js';
import type { ChatMessage } from '../interfaces/message.interface.js';
import type { ReadText } from './token-counter.interface.js';

/** So much of a prompt is held to be counted; the rest is taken to be like it. */
const HELD_CHARACTERS = 65_536;

/** So many texts and values of a prompt are looked at: a body can hold a million of them that say nothing. */
const LOOKED_AT = 20_000;

/** What a call says to the model: system text, turns with their reasoning and tool calls, tools. Null where not all is text. */
export function promptText(call: ProviderCall): ReadText | null {
  return call.messages.some(hasMedia) ? null : textOf(textsOf(call));
}

/** What an answer says: reasoning, text, tool calls. */
export function answerText({ reasoning, content, refusal, toolCalls = [] }: AnswerSaid): ReadText {
  const texts = [reasoning ?? '', content, refusal ?? ''];
  for (const { name, arguments: args } of toolCalls) texts.push(name, args);
  return texts.filter((text) => text !== '').join('\n');
}

type AnswerSaid = Pick<ProviderAnswer, 'reasoning' | 'content' | 'refusal' | 'toolCalls'>;

function* textsOf({
  system,
  messages,
  tools,
  responseFormat,
}: ProviderCall): Generator<string, void, undefined> {
  if (system !== undefined) yield system;
  for (const message of messages) {
    if (message.reasoning !== undefined) yield message.reasoning;
    yield* contentOf(message);
    for (const { name, arguments: args } of message.toolCalls ?? []) {
      yield name;
      yield args;
    }
  }
  yield* valuesOf(tools);
  if (responseFormat?.type === 'json_schema') yield* valuesOf(responseFormat.schema);
}

function* contentOf({ content }: ChatMessage): Generator<string, void, undefined> {
  if (typeof content === 'string') yield content;
  else for (const part of content) if (part.type === 'text') yield part.text;
}

/** The names and values of a JSON value, whatever its depth, in order. */
function* valuesOf(json: unknown): Generator<string, void, undefined> {
  const open = [json];
  for (let looked = 0; open.length > 0 && looked < LOOKED_AT; looked += 1) {
    const value = open.pop();
    if (typeof value === 'string') yield value;
    else if (typeof value === 'number' || typeof value === 'boolean') yield String(value);
    else if (typeof value === 'object' && value !== null) {
      const inside = Array.isArray(value) ? value : Object.entries(value).flat();
      for (let last = inside.length - 1; last >= 0 && open.length < LOOKED_AT; last -= 1)
        open.push(inside[last]);
    }
  }
}

/** The texts, a line each. */
function textOf(texts: Iterable<string>): ReadText {
  const held: string[] = [];
  let length = 0;
  let looked = 0;
  for (const text of texts) {
    if (text === '') continue;
    if (length > 0) length += 1;
    if (length < HELD_CHARACTERS) held.push(text.slice(0, HELD_CHARACTERS - length));
    length += text.length;
    looked += 1;
    if (looked === LOOKED_AT) break;
  }
  const beginning = held.join('\n');
  return beginning.length === length ? beginning : { length, toString: () => beginning };
}

function hasMedia({ content }: ChatMessage): boolean {
  return typeof content !== 'string' && content.some((part) => part.type !== 'text');
}
