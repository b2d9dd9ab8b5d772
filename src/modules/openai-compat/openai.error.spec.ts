import { describe, expect, it } from '@jest/globals';
import { AIError } from '../ai-providers/errors/ai.error.js';
import { ProviderError } from '../ai-providers/errors/provider.error.js';
import type { Fault } from '../ai-providers/interfaces/attempt.interface.js';
import { toOpenAIError } from './openai.error.js';

const codesOf = (fault: Fault, vendorCode?: string): (string | undefined)[] => {
  const cause = new ProviderError(fault, 'No.', { status: 400, vendorCode });
  const { error } = toOpenAIError(new AIError('UPSTREAM_REJECTED_REQUEST', 'No.', { cause }), 'r1');
  return [error.code, error.upstream_code];
};

describe('toOpenAIError', () => {
  it.each(['data_inspection_failed', 'ContentPolicyError', 'safety_violation', '1301', 'content_filter'])(
    'says content_filter for the verdict %s, and keeps the code of the vendor beside it',
    (vendorCode) => {
      expect(codesOf('content_filter', vendorCode)).toEqual(['content_filter', vendorCode]);
    },
  );

  it('keeps OpenAI’s own code for a verdict', () => {
    const code = 'content_policy_violation';
    expect(codesOf('content_filter', code)).toEqual([code, code]);
  });

  it.each<[Fault, string | undefined, string]>([
    ['context_length', 'exceed_context_size_error', 'context_length_exceeded'],
    ['content_filter', undefined, 'content_filter'],
    ['invalid_request', 'unsupported_parameter', 'unsupported_parameter'],
    ['invalid_request', 'invalid_request_error', 'upstream_rejected_request'],
  ])('says for %s with the code %s: %s', (fault, vendorCode, code) => {
    expect(codesOf(fault, vendorCode)[0]).toBe(code);
  });
});
