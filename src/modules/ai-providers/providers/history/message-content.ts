import type { ChatMessage, ContentPart } from '../../interfaces/message.interface.js';

type Content = ChatMessage['content'];

/** Stands between two texts that become one. */
const PARAGRAPH = '\n\n';

/** Whether a turn says something: a text, a part that is no text, a call. With `blankIsNothing` white space is no text. */
export function carriesSomething({ content, toolCalls }: ChatMessage, blankIsNothing: boolean): boolean {
  if (toolCalls !== undefined && toolCalls.length > 0) return true;
  if (typeof content === 'string') return isText(content, blankIsNothing);
  return content.some((part) => part.type !== 'text' || isText(part.text, blankIsNothing));
}

function isText(text: string, blankIsNothing: boolean): boolean {
  return text !== '' && !(blankIsNothing && text.trim() === '');
}

/** Two contents as one, in their order. */
export function joinContent(first: Content, second: Content): Content {
  if (typeof first === 'string' && typeof second === 'string') {
    return first === '' || second === '' ? first + second : first + PARAGRAPH + second;
  }
  return [...partsOf(first), ...partsOf(second)];
}

function partsOf(content: Content): ContentPart[] {
  if (typeof content !== 'string') return content;
  return content === '' ? [] : [{ type: 'text', text: content }];
}
