import { hasOfOpenAI } from '../../../dialects/openai/openai-turn.js';
import type { ChatMessage, ContentPart } from '../../../interfaces/message.interface.js';

type Content = ChatMessage['content'];

/** Stands between two texts that become one. */
const PARAGRAPH = '\n\n';

/** Which vendor a turn is to carry something for. */
interface Reader {
  /** Whether it wants an assistant's reasoning, or what it said itself, back. */
  wantsReasoning?: boolean;
}

/**
 * Whether a turn carries something for a vendor: a text of more than white space, a part that is no text, a call, a sound that OpenAI keeps, reasoning that it
 * wants back.
 */
export function carriesSomething(message: ChatMessage, { wantsReasoning }: Reader): boolean {
  const { content, toolCalls, reasoning, providerData } = message;
  if (toolCalls !== undefined && toolCalls.length > 0) return true;
  if (hasOfOpenAI(message, 'audio')) return true;
  if (wantsReasoning && (reasoning || providerData)) return true;
  if (typeof content === 'string') return isText(content);
  return content.some((part) => part.type !== 'text' || isText(part.text));
}

function isText(text: string): boolean {
  return text.trim() !== '';
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
