import { ANY_ID } from '../history/call-ids.js';
import type { ChatDialect } from '../openai/dialect.js';

/** OpenAI-compatible servers at large. Small ones exist that never give a finish reason, hence `[DONE]` counts. */
export const CUSTOM_DIALECT: ChatDialect = {
  type: 'CUSTOM',
  doneTerminates: true,
  callIds: ANY_ID,
};
