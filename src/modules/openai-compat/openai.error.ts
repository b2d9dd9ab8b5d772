import type { AIError } from '../ai-providers/errors/ai.error.js';
import { ProviderError } from '../ai-providers/errors/provider.error.js';
import type { Attempt, Fault } from '../ai-providers/interfaces/attempt.interface.js';

/** An error as OpenAI's clients read it, with our trail beside it. */
export interface OpenAIErrorBody {
  error: {
    message: string;
    type: string;
    param: string | null;
    /** OpenAI's where its clients go by it, else ours in lower case. */
    code: string;
    request_id: string;
    attempts?: Attempt[];
  };
}

/** Types by status: https://platform.openai.com/docs/guides/error-codes. */
const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  429: 'rate_limit_error',
};

/** `error` in OpenAI's form. */
export function toOpenAIError(error: AIError, requestId: string): OpenAIErrorBody {
  const body: OpenAIErrorBody = {
    error: {
      message: error.message,
      type: TYPES[error.statusCode] ?? (error.statusCode < 500 ? 'invalid_request_error' : 'server_error'),
      param: error.field ?? error.problems?.[0]?.field ?? null,
      code: codeOf(error),
      request_id: requestId,
    },
  };
  if (error.attempts !== undefined) body.error.attempts = error.attempts;
  return body;
}

/** What clients look for to shorten the prompt or to give up, in OpenAI's own words, whichever vendor refused. */
const CODES: Readonly<Partial<Record<Fault, string>>> = {
  context_length: 'context_length_exceeded',
  content_filter: 'content_filter',
};

function codeOf({ code, cause }: AIError): string {
  const refused = code === 'UPSTREAM_REJECTED_REQUEST' && cause instanceof ProviderError;
  return (refused && CODES[cause.fault]) || code.toLowerCase();
}
