import { ANY_ID, OPENAI_ID } from '../../chat/history/call-ids.js';
import type { CallIdRule } from '../../chat/history/call-ids.js';

/** Where servers that speak Chat Completions differ. */
export interface ChatDialect {
  /** Under this name `dialects/` says what of a call such a server gets. */
  type: 'OPENAI' | 'CUSTOM';
  /** Whether `[DONE]` after content counts as the terminator of an answer that has no finish reason. */
  doneTerminates: boolean;
  /** Which ids of tool calls the server takes, as far as its name does not say. */
  callIds: CallIdRule;
}

/**
 * OpenAI itself: a finish reason in every whole answer
 * (https://platform.openai.com/docs/api-reference/chat/create).
 */
export const OPENAI_DIALECT: ChatDialect = { type: 'OPENAI', doneTerminates: false, callIds: OPENAI_ID };

/** OpenAI-compatible servers at large. Small ones exist that never give a finish reason, hence `[DONE]` counts. */
export const CUSTOM_DIALECT: ChatDialect = { type: 'CUSTOM', doneTerminates: true, callIds: ANY_ID };
