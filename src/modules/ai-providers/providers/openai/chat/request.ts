import type { ChatCompletionCreateParamsBase } from 'openai/resources/chat/completions/completions';

/** A body of `POST /chat/completions`, with the one field that compatible servers add. */
export type ChatRequest = ChatCompletionCreateParamsBase & { top_k?: number };
