import { describe, expect, it } from '@jest/globals';
import { fault } from '../../../../../test/fakes/pipeline-bench.js';
import type { ProviderError } from '../../errors/provider.error.js';
import type { Refusal } from '../../interfaces/attempt.interface.js';
import { exhaustedError } from './exhausted-error.js';

const errorOf = (
  failures: ProviderError[],
  refusals: Refusal[] = [],
  wanted = '',
  unfit: Refusal[] = [],
): ReturnType<typeof exhaustedError> =>
  exhaustedError({ failures, refusals, unfit, attempts: [], wanted, wasCut: false });

describe('the error of a request that no provider answered', () => {
  it.each<[string, ProviderError[], Refusal[], string, number | undefined]>([
    ['nobody is registered', [], [], 'NO_PROVIDER_AVAILABLE', undefined],
    ['every circuit is open', [], [open(9_000), open(4_000)], 'NO_PROVIDER_AVAILABLE', 4_000],
    ['one is at its limit, one broken', [], [open(1), limit(7_000)], 'RATE_LIMITED', 7_000],
    ['all rest', [], [{ reason: 'cooldown', retryAfterMs: 300 }, limit(200)], 'RATE_LIMITED', 200],
    ['all slots are taken', [], [{ reason: 'at_capacity' }], 'RATE_LIMITED', 1_000],
    ['vendors limited it', [fault('rate_limited', { retryAfterMs: 5_000 })], [], 'RATE_LIMITED', 5_000],
    ['a vendor limited it and gave no time', [fault('rate_limited')], [], 'RATE_LIMITED', 1_000],
    ['it is too long for all', [fault('context_length')], [], 'UPSTREAM_REJECTED_REQUEST', undefined],
    ['it is too large for the account', [fault('account_limit')], [], 'RATE_LIMITED', 1_000],
    [
      'it is too long or too large',
      [fault('context_length'), fault('account_limit')],
      [],
      'UPSTREAM_REJECTED_REQUEST',
      undefined,
    ],
    ['our own code failed', [fault('internal')], [], 'INTERNAL', undefined],
    [
      'our own code failed once',
      [fault('timeout'), fault('internal')],
      [],
      'ALL_PROVIDERS_FAILED',
      undefined,
    ],
    ['faults are mixed', [fault('rate_limited'), fault('timeout')], [], 'ALL_PROVIDERS_FAILED', undefined],
    ['it was tried and others are broken', [fault('timeout')], [open(1)], 'ALL_PROVIDERS_FAILED', undefined],
  ])('where %s', (_, failures, refusals, code, retryAfterMs) => {
    expect(errorOf(failures, refusals)).toMatchObject({ code, retryAfterMs });
  });

  it('is the request’s own fault where all who were looked at lack what it asks for', () => {
    const lack = { field: 'messages.0.content.1', reason: 'm does not take audio' };
    const lacking: Refusal = { reason: 'lacks_feature', lack };
    const unfit: Refusal[] = [{ reason: 'lacks_model' }, lacking];
    const { code, statusCode, field, message } = errorOf([], [], '', unfit);
    expect({ code, statusCode, field }).toEqual({
      code: 'UNSUPPORTED_REQUEST',
      statusCode: 400,
      field: lack.field,
    });
    expect(message).toContain(lack.field);
    expect(message).toContain(lack.reason);
    expect(errorOf([], [open(1)], '', unfit).code).toBe('NO_PROVIDER_AVAILABLE');
    expect(errorOf([], [], '', [...unfit, { reason: 'key_unreadable' }]).code).toBe('NO_PROVIDER_AVAILABLE');
    expect(errorOf([fault('timeout')], [], '', unfit).code).toBe('ALL_PROVIDERS_FAILED');
  });

  it('tells the last vendor’s own words and, where the choice was narrowed, by what', () => {
    expect(errorOf([fault('timeout'), fault('connection')]).message).toContain('failed by connection');
    expect(errorOf([fault('account_limit')]).message).toContain('failed by account_limit');
    const cut = {
      failures: [fault('truncated')],
      refusals: [],
      unfit: [],
      attempts: [],
      wanted: '',
      wasCut: true,
    };
    expect(exhaustedError(cut).message).toContain('failed by truncated');
    expect(exhaustedError(cut).message).not.toMatch(/every candidate/i);
    expect(errorOf([], [], ' with the model "x"').message).toContain('with the model "x"');
  });
});

function open(retryAfterMs: number): Refusal {
  return { reason: 'circuit_open', retryAfterMs };
}

function limit(retryAfterMs: number): Refusal {
  return { reason: 'rate_limited', retryAfterMs };
}
