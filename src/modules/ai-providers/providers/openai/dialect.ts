import { OPENAI_ID } from '../history/call-ids.js';
import type { CallIdRule } from '../history/call-ids.js';

/** Where servers that speak Chat Completions differ. */
export interface ChatDialect {
  /** The field for the answer's length. `by-model`: OpenAI's reasoning models refuse `max_tokens`. */
  maxTokensField: 'by-model' | 'max_tokens';
  /** Whether `top_k` is sent. */
  topK: boolean;
  /** How many stop sequences the server takes; further ones are left out. */
  maxStopSequences: number;
  /** Whether `[DONE]` after content counts as the terminator of an answer that has no finish reason. */
  doneTerminates: boolean;
  /** Which ids of tool calls the server takes, as far as its name does not tell. */
  callIds: CallIdRule;
}

/**
 * OpenAI itself: at most 4 stop sequences, no `top_k`, a finish reason in every whole answer
 * (https://platform.openai.com/docs/api-reference/chat/create).
 */
export const OPENAI_DIALECT: ChatDialect = {
  maxTokensField: 'by-model',
  topK: false,
  maxStopSequences: 4,
  doneTerminates: false,
  callIds: OPENAI_ID,
};
