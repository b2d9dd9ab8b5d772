import { toOpenAIField } from './request/openai-field.js';
import type { AIError } from '../ai-providers/errors/ai.error.js';
import { ProviderError } from '../ai-providers/errors/provider.error.js';
import type { Attempt } from '../ai-providers/interfaces/attempt.interface.js';

/** An error as OpenAI's clients read it, with our trail beside it. */
export interface OpenAIErrorBody {
  error: {
    message: string;
    type: string;
    param: string | null;
    /** OpenAI's where its clients go by it, else ours in lower case. */
    code: string;
    request_id: string;
    /** The vendor's own code or type, where a vendor is the reason. */
    upstream_code?: string;
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
      message: messageOf(error),
      type: TYPES[error.statusCode] ?? (error.statusCode < 500 ? 'invalid_request_error' : 'server_error'),
      param:
        (error.field === undefined ? undefined : toOpenAIField(error.field)) ??
        error.problems?.[0]?.field ??
        null,
      code: codeOf(error),
      request_id: requestId,
    },
  };
  if (error.upstreamCode !== undefined) body.error.upstream_code = error.upstreamCode;
  if (error.attempts !== undefined) body.error.attempts = error.attempts;
  return body;
}

/** OpenAI's own code for a verdict on the input, beside `content_filter`. */
const POLICY_VIOLATION = 'content_policy_violation';

/** In the words of this API where it names a field. */
function messageOf({ message, field }: AIError): string {
  return field === undefined ? message : message.replace(field, () => toOpenAIField(field));
}

/**
 * What clients look for to shorten the prompt or to give up, in OpenAI's own words, whichever vendor refused; else the
 * vendor's own code, which stands in `upstream_code` in any case. A type such as `invalid_request_error` is none.
 */
function codeOf({ code, cause, upstreamCode }: AIError): string {
  const own = code.toLowerCase();
  if (code !== 'UPSTREAM_REJECTED_REQUEST' || !(cause instanceof ProviderError)) return own;
  if (cause.fault === 'context_length') return 'context_length_exceeded';
  if (cause.fault === 'content_filter')
    return upstreamCode === POLICY_VIOLATION ? POLICY_VIOLATION : 'content_filter';
  return upstreamCode === undefined || upstreamCode.endsWith('_error') ? own : upstreamCode;
}
