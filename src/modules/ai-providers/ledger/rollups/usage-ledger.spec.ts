import { describe, expect, it } from '@jest/globals';
import { billOf } from '../../accounting/bill.js';
import type { AttemptRecord, RequestEvent } from '../../interfaces/request-event.interface.js';
import { storableJson } from '../../storage/storable-json.js';
import { UsageLedger } from './usage-ledger.js';
import type { UsageRow } from './usage-row.js';

function attempt(changes: Partial<AttemptRecord> = {}): AttemptRecord {
  const record = {
    providerId: 'alpha',
    providerName: 'Alpha',
    providerType: 'OPENAI',
    model: 'small',
    outcome: 'success',
    latency: 100,
    tryNumber: 1,
    usage: { promptTokens: 10, completionTokens: 5, totalTokens: 15, source: 'reported' },
    pricing: { inputTokenCost: 0.1, outputTokenCost: 0.2, currency: 'USD', source: 'provider' },
    timeToFirstToken: null,
    ...changes,
  } satisfies Omit<AttemptRecord, 'cost'>;
  return { cost: billOf(record.usage, record.pricing), ...record };
}

const DOLLARS = { currency: 'USD', source: 'provider' } as const;

function rowsOf(attempts: AttemptRecord[], changes: Partial<RequestEvent> = {}): UsageRow[] {
  const ledger = new UsageLedger(() => ({ grain: 1, span: 0 }));
  const flags = {
    caller: null,
    streamed: false,
    recovered: false,
    cached: false,
    latency: 7,
    endedAt: 1,
    ...changes,
  };
  ledger.add({ ...flags, attempts });
  return ledger.rows();
}

describe('the usage ledger', () => {
  it('counts a request once for each provider it reached, by its last try there', () => {
    const [alpha, beta] = rowsOf([
      attempt({ outcome: 'server_error' }),
      attempt({ outcome: 'timeout', tryNumber: 2 }),
      attempt({ providerId: 'beta' }),
    ]);
    expect(alpha).toMatchObject({ failed: 1, successful: 0, retried: 1, fallbacks: 0, promptTokens: 20 });
    expect(beta).toMatchObject({ failed: 0, successful: 1, retried: 0, fallbacks: 1, latencySum: 100 });
    expect(alpha?.failures).toEqual([0, 0, 0, 0, 1]);
    expect(alpha?.latencySum).toBe(200);
  });

  it.each(['invalid_request', 'content_filter', 'aborted'] as const)(
    'counts %s as neither success nor failure, its tokens and their price all the same',
    (outcome) => {
      const [row] = rowsOf([attempt({ outcome })], { streamed: true });
      expect(row).toMatchObject({ successful: 0, failed: 0, streamed: 0, latencySum: 0 });
      expect(row).toMatchObject({
        promptTokens: 10,
        completionTokens: 5,
        inputCost: '0.001',
        outputCost: '0.001',
      });
    },
  );

  it('counts an answer from the cache as a request, without latency, tokens or price', () => {
    const [row] = rowsOf([attempt()], { cached: true });
    expect(row).toMatchObject({ successful: 1, cached: 1, latencySum: 0, unknownUsage: 0 });
    expect(row).toMatchObject({ promptTokens: 0, completionTokens: 0, inputCost: '0', outputCost: '0' });
  });

  it('keeps currencies, and what has no price, apart', () => {
    const euros = { inputTokenCost: 1, outputTokenCost: 1, currency: 'EUR', source: 'provider' } as const;
    const rows = rowsOf([
      attempt({ outcome: 'timeout', pricing: null }),
      attempt({ outcome: 'timeout', pricing: euros }),
      attempt(),
    ]);
    expect(rows.map(({ currency, successful, inputCost }) => [currency, successful, inputCost])).toEqual([
      ['', 0, '0'],
      ['EUR', 0, '0.01'],
      ['USD', 1, '0.001'],
    ]);
  });

  it('says of how many answers tokens are not known, and counts them among those without a price', () => {
    const usage = { promptTokens: null, completionTokens: 5, totalTokens: null, source: 'unknown' } as const;
    expect(rowsOf([attempt({ usage })])).toMatchObject([
      { currency: '', unknownUsage: 1, inputCost: '0', outputCost: '0', completionTokens: 5 },
    ]);
    expect(rowsOf([attempt({ usage, outcome: 'timeout' })])).toMatchObject([
      { currency: 'USD', unknownUsage: 0 },
    ]);
  });

  it('adds up what each try was billed, each part for itself', () => {
    const cost = {
      input: '0.1',
      cachedInput: '0.02',
      cacheWrite: '3',
      output: '4',
      total: '7.12',
      ...DOLLARS,
    };
    const tokens = { cachedPromptTokens: 3, cacheWriteTokens: 2 };
    const usage = {
      promptTokens: 10,
      completionTokens: 5,
      totalTokens: 15,
      source: 'reported',
      ...tokens,
    } as const;
    const failed = attempt({ usage, cost: { ...cost, input: '0.25' }, outcome: 'truncated' });
    expect(rowsOf([failed, attempt({ usage, cost, tryNumber: 2 })])).toMatchObject([
      {
        inputCost: '0.35',
        cachedInputCost: '0.04',
        cacheWriteCost: '6',
        outputCost: '8',
        cachedPromptTokens: 6,
        cacheWriteTokens: 4,
      },
    ]);
  });

  it('adds no count that no request can hold', () => {
    const usage = {
      promptTokens: 9.2e18,
      completionTokens: -1,
      totalTokens: 1.5,
      source: 'reported',
    } as const;
    expect(rowsOf([attempt({ usage, cost: null })])).toMatchObject([
      { promptTokens: 0, completionTokens: 0 },
    ]);
  });

  it('never rounds money', () => {
    const pricing = {
      inputTokenCost: 0.1234567890123456,
      outputTokenCost: 1e-12,
      currency: 'USD',
      source: 'provider',
    } as const;
    const usage = {
      promptTokens: 987654321,
      completionTokens: 7,
      totalTokens: 0,
      source: 'reported',
    } as const;
    expect(rowsOf([attempt({ pricing, usage })])).toMatchObject([
      { inputCost: '121932.6311248284541853376', outputCost: '0.000000000000007' },
    ]);
  });
});

describe('JSON that a database stores', () => {
  it('has a replacement character for what a database refuses, and all else as it was', () => {
    const strange = { nul: '\0', half: '\ud83d', low: '\udc00', whole: '🎉', written: '\\u0000 \\\\u0000' };
    expect(JSON.parse(storableJson(strange))).toEqual({
      ...strange,
      nul: '\ufffd',
      half: '\ufffd',
      low: '\ufffd',
    });
  });
});
