import type { ChatMessage } from '../../interfaces/message.interface.js';

type Content = ChatMessage['content'];

/**
 * The arguments of a call as the text of JSON: absent and null are an object without properties, an object is written as JSON.
 * Undefined for what no vendor could make sense of.
 */
export function argumentsText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '{}';
  return typeof value === 'object' && !Array.isArray(value) ? JSON.stringify(value) : undefined;
}

/** What an assistant said, with its words where it refused: they stay in the conversation as a text of their own. */
export function withRefusal(content: Content, refusal: string): Content {
  if (refusal === '' || refusal === content) return content;
  const said = typeof content === 'string' ? (content === '' ? [] : [textPart(content)]) : content;
  return said.length === 0 ? refusal : [...said, textPart(refusal)];
}

function textPart(text: string): { type: 'text'; text: string } {
  return { type: 'text', text };
}
