import type { ChatMessage } from '../../interfaces/message.interface.js';

/** Fields of an assistant's turn that OpenAI's dialect alone has: where the sound of an answer is kept, and what a text refers to. */
type OwnField = 'audio' | 'annotations';

/** Whether a turn holds such a field, as the caller of either API hands it back. */
export function hasOfOpenAI({ openaiFields, providerData }: ChatMessage, field: OwnField): boolean {
  return openaiFields?.[field] !== undefined || providerData?.openai?.[field] !== undefined;
}
