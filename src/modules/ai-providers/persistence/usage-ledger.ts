import type { Decimal } from 'decimal.js';
import type { Pricing } from '../interfaces/ai-provider.interface.js';
import type { AttemptRecord, RequestEvent } from '../interfaces/request-event.interface.js';
import type { TokenUsage } from '../interfaces/usage.interface.js';
import { countOf, Money, tokenCost } from './attempt-price.js';
import { emptyHistogram, latencyClass } from './latency-histogram.js';
import { packCounts } from './packed-counts.js';
import { COUNTED_OUTCOMES, emptyUsage, failurePlace, GRAINS, MINUTE_MS, type UsageRow } from './usage-row.js';

/** What of a request is counted. */
type CountedRequest = Pick<
  RequestEvent,
  'streamed' | 'recovered' | 'cached' | 'latency' | 'attempts' | 'endedAt'
>;

/** Into which spans a request falls. */
type SpansOf = (event: CountedRequest) => readonly { grain: number; span: number }[];

/** The minute, hour and day of UTC in which it ended. */
const storedSpans: SpansOf = ({ endedAt }) =>
  GRAINS.map((grain) => ({ grain, span: endedAt - (endedAt % (grain * MINUTE_MS)) }));

interface Entry {
  row: UsageRow;
  input: Decimal;
  output: Decimal;
  failures: number[];
  latencies: number[];
}

/**
 * Adds requests up. A request counts once for every provider it reached: its last try there decides. What the caller
 * brought about (a bad request, a refused content, a hang-up) counts as neither success nor failure, its tokens and
 * their price all the same; an answer from the cache counts as a request, its tokens never. Tokens a vendor did not
 * tell and we could not count add nothing.
 */
export class UsageLedger {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly spansOf: SpansOf = storedSpans) {}

  add(event: CountedRequest): void {
    for (const { grain, span } of this.spansOf(event)) {
      const entryOf = (attempt: AttemptRecord): Entry => this.entryOf(grain, span, attempt, event.endedAt);
      const byProvider = new Map<string, AttemptRecord[]>();
      for (const attempt of event.attempts) {
        if (attempt.outcome === 'skipped') continue;
        const tries = byProvider.get(attempt.providerId);
        if (tries === undefined) byProvider.set(attempt.providerId, [attempt]);
        else tries.push(attempt);
        const entry = entryOf(attempt);
        if (!event.cached) charge(entry, attempt.usage, attempt.pricing);
      }
      let failedElsewhere = false;
      for (const tries of byProvider.values()) {
        const last = tries.at(-1);
        if (last !== undefined) count(entryOf(last), event, tries, last, failedElsewhere);
        failedElsewhere ||= tries.some(({ outcome }) => outcome !== 'success');
      }
    }
  }

  /** What was added. */
  rows(): UsageRow[] {
    return [...this.entries.values()].map(({ row, input, output, failures, latencies }) => ({
      ...row,
      inputCost: input.toFixed(),
      outputCost: output.toFixed(),
      failures: packCounts(failures),
      latencies: packCounts(latencies),
    }));
  }

  private entryOf(grain: number, span: number, attempt: AttemptRecord, endedAt: number): Entry {
    const { providerId, providerName, model, pricing } = attempt;
    const currency = pricing?.currency ?? '';
    const key = JSON.stringify([grain, span, providerId, model, currency]);
    const lastUsedAt = new Date(endedAt).toISOString();
    let entry = this.entries.get(key);
    if (entry === undefined) {
      const row = emptyUsage({ grain, span: new Date(span).toISOString(), providerId, model, currency });
      entry = {
        row,
        input: new Money(0),
        output: new Money(0),
        failures: COUNTED_OUTCOMES.map(() => 0),
        latencies: emptyHistogram(),
      };
      this.entries.set(key, entry);
    }
    entry.row.providerName = providerName;
    if (lastUsedAt > entry.row.lastUsedAt) entry.row.lastUsedAt = lastUsedAt;
    return entry;
  }
}

function charge(entry: Entry, usage: TokenUsage, pricing: Pricing | null): void {
  const promptTokens = countOf(usage.promptTokens);
  const completionTokens = countOf(usage.completionTokens);
  entry.row.promptTokens += promptTokens;
  entry.row.completionTokens += completionTokens;
  entry.row.cachedPromptTokens += countOf(usage.cachedPromptTokens);
  entry.row.reasoningTokens += countOf(usage.reasoningTokens);
  if (pricing === null) return;
  entry.input = entry.input.add(tokenCost(pricing.inputTokenCost, promptTokens));
  entry.output = entry.output.add(tokenCost(pricing.outputTokenCost, completionTokens));
}

function count(
  { row, failures, latencies }: Entry,
  { cached, streamed, recovered, latency }: CountedRequest,
  tries: readonly AttemptRecord[],
  last: AttemptRecord,
  failedElsewhere: boolean,
): void {
  const succeeded = last.outcome === 'success';
  const place = failurePlace(last.outcome);
  if (succeeded) row.successful += 1;
  else if (place === undefined) return;
  else {
    row.failed += 1;
    failures[place] = (failures[place] ?? 0) + 1;
  }
  row.retried += Number(tries.length > 1);
  row.fallbacks += Number(failedElsewhere);
  row.streamed += Number(streamed);
  row.recovered += Number(recovered && succeeded);
  row.cached += Number(cached);
  const spent = cached
    ? duration(latency)
    : tries.reduce((sum, attempt) => sum + duration(attempt.latency), 0);
  row.latencySum += spent;
  const latencyPlace = latencyClass(spent);
  latencies[latencyPlace] = (latencies[latencyPlace] ?? 0) + 1;
  if (cached) return;
  const { promptTokens, completionTokens } = last.usage;
  row.unknownUsage += Number(succeeded && (promptTokens === null || completionTokens === null));
  if (!streamed || last.timeToFirstToken === null) return;
  row.firstTokenSum += duration(last.timeToFirstToken);
  row.firstTokenCount += 1;
}

/** A vendor's clock never enters here, ours may be set back. */
function duration(ms: number): number {
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}
