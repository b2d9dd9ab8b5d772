import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import type {
  AttemptRecord,
  RequestEvent,
} from '../../../src/modules/ai-providers/interfaces/request-event.interface.js';
import { JournalEntry } from '../../../src/modules/ai-providers/ledger/journal/journal-line.js';
import { billOf, billOfFailure } from '../../../src/modules/ai-providers/accounting/bill.js';
import type {
  ReportedUsage,
  TokenUsage,
} from '../../../src/modules/ai-providers/interfaces/usage.interface.js';

export function usageOf(promptTokens: number | null, completionTokens: number | null): TokenUsage {
  const known = promptTokens !== null && completionTokens !== null;
  return {
    promptTokens,
    completionTokens,
    totalTokens: known ? promptTokens + completionTokens : null,
    source: known ? 'reported' : 'unknown',
  };
}

/** A try that succeeded. */
export function attemptRecord(changes: Partial<AttemptRecord> = {}): AttemptRecord {
  const attempt = {
    providerId: 'alpha',
    providerName: 'Alpha',
    providerType: 'OPENAI',
    model: 'gpt-4',
    outcome: 'success',
    latency: 120,
    tryNumber: 1,
    usage: usageOf(10, 20),
    pricing: { inputTokenCost: 0.03, outputTokenCost: 0.06, currency: 'USD', source: 'provider' },
    timeToFirstToken: null,
    ...changes,
  } satisfies Omit<AttemptRecord, 'cost'>;
  const { usage, pricing, outcome } = attempt;
  const cost = outcome === 'success' ? billOf(usage, pricing) : billOfFailure(reportedIn(usage), pricing);
  return { cost, ...attempt };
}

function reportedIn({ promptTokens, completionTokens }: TokenUsage): ReportedUsage {
  return { promptTokens: promptTokens ?? undefined, completionTokens: completionTokens ?? undefined };
}

/** Events as the log takes them. */
export function entriesOf(events: readonly RequestEvent[]): JournalEntry[] {
  return events.map((event) => JournalEntry.of(event));
}

/** A request that one provider answered. */
export function requestEvent(changes: Partial<RequestEvent> = {}): RequestEvent {
  const endedAt = changes.endedAt ?? Date.UTC(2026, 2, 10, 12);
  return {
    id: uuid(),
    requestId: 'request',
    caller: null,
    operation: 'chat',
    code: null,
    streamed: false,
    recovered: false,
    cached: false,
    latency: 125,
    attempts: [attemptRecord()],
    metadata: null,
    startedAt: endedAt - 125,
    endedAt,
    ...changes,
  };
}

const tokens = fc.option(fc.integer({ min: 0, max: 2_000_000 }), { freq: 5 });
/** Millionths a thousand tokens, so that a test can compute in whole numbers. */
const price = fc.integer({ min: 0, max: 100_000_000 });

const attempt = fc
  .record({
    provider: fc.constantFrom('alpha', 'beta', 'gamma'),
    model: fc.constantFrom('small', 'large'),
    outcome: fc.constantFrom(
      ...(['success', 'success', 'success', 'server_error', 'timeout', 'rate_limited'] as const),
      ...(['aborted', 'invalid_request', 'content_filter', 'diverged', 'account_limit', 'internal'] as const),
    ),
    latency: fc.integer({ min: 0, max: 900_000 }),
    usage: fc.tuple(tokens, tokens),
    prices: fc.option(fc.tuple(price, price, fc.constantFrom('USD', 'EUR')), { freq: 4 }),
    timeToFirstToken: fc.option(fc.integer({ min: 0, max: 60_000 })),
  })
  .map(({ provider, usage, prices, ...rest }) =>
    attemptRecord({
      ...rest,
      providerId: provider,
      providerName: provider,
      usage: usageOf(...usage),
      pricing: prices && {
        inputTokenCost: prices[0] / 1e6,
        outputTokenCost: prices[1] / 1e6,
        currency: prices[2],
        source: 'provider',
      },
    }),
  );

/** Requests of every kind that ended from `from` on and before `to`. */
export function requestEvents(from: number, to: number): fc.Arbitrary<RequestEvent> {
  return fc
    .record({
      caller: fc.constantFrom(null, 'ann', 'bob'),
      endedAt: fc.integer({ min: from, max: to - 1 }),
      code: fc.constantFrom(
        ...([null, null, 'ALL_PROVIDERS_FAILED', 'DEADLINE_EXCEEDED', 'RATE_LIMITED'] as const),
        ...(['CLIENT_CLOSED_REQUEST', 'UPSTREAM_REJECTED_REQUEST'] as const),
      ),
      streamed: fc.boolean(),
      recovered: fc.boolean(),
      cached: fc.boolean(),
      latency: fc.integer({ min: 0, max: 900_000 }),
      attempts: fc.array(attempt, { maxLength: 4 }),
    })
    .map((fields) => requestEvent(fields));
}
