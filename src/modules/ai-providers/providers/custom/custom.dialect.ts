import { ANY_ID } from '../history/call-ids.js';
import type { ChatDialect } from '../openai/dialect.js';

/**
 * OpenAI-compatible servers at large. `max_tokens` is the name that all of them know. `top_k` is no parameter of OpenAI's
 * but of vLLM, llama.cpp, TGI, Ollama, OpenRouter, Together and Fireworks, and the others ignore it; it is sent only
 * where the operator or the caller set it. Small servers exist that never give a finish reason, hence `[DONE]` counts.
 */
export const CUSTOM_DIALECT: ChatDialect = {
  maxTokensField: 'max_tokens',
  topK: true,
  maxStopSequences: Infinity,
  doneTerminates: true,
  callIds: ANY_ID,
};
