import { MoneySum } from '../../accounting/money.js';
import { countOf } from '../../accounting/plausible-count.js';
import type { AttemptRecord, RequestEvent } from '../../interfaces/request-event.interface.js';
import { emptyHistogram, latencyClass } from './latency-histogram.js';
import { packCounts } from './packed-counts.js';
import { COUNTED_OUTCOMES, emptyUsage, failurePlace, MINUTE_MS, type UsageRow } from './usage-row.js';

/** What of a request is counted. */
type CountedRequest = Pick<RequestEvent, 'streamed' | 'recovered' | 'cached' | 'attempts' | 'endedAt'>;

/** Into which span a request falls. */
type SpanOf = (event: CountedRequest) => { grain: number; span: number };

/** The minute of UTC in which it ended. */
const minuteOf: SpanOf = ({ endedAt }) => ({ grain: 1, span: endedAt - (endedAt % MINUTE_MS) });

interface Entry {
  span: number;
  row: UsageRow;
  failures: number[];
  latencies: number[];
  firstUsedAt: number;
  lastUsedAt: number;
  input: MoneySum;
  cachedInput: MoneySum;
  cacheWrite: MoneySum;
  output: MoneySum;
}

/**
 * Adds requests up. A request counts once for every provider it reached: its last try there decides. What the caller
 * brought about (a bad request, a refused content, a hang-up) counts as neither success nor failure, its tokens and
 * their price all the same; an answer from the cache counts as a request, its tokens never. Tokens a vendor did not
 * tell and we could not count add nothing.
 */
export class UsageLedger {
  private readonly entries = new Map<string, Entry>();
  private last: Entry | undefined;

  constructor(private readonly spanOf: SpanOf = minuteOf) {}

  add(event: CountedRequest): void {
    const { attempts, cached } = event;
    const { grain, span } = this.spanOf(event);
    const reached = attempts.filter(({ outcome }) => outcome !== 'skipped');
    for (const attempt of reached) {
      const entry = this.entryOf(grain, span, attempt, event);
      if (!cached) charge(entry, attempt);
    }
    let failedElsewhere = false;
    for (const tries of byProvider(reached)) {
      const last = tries.at(-1);
      if (last !== undefined)
        count(this.entryOf(grain, span, last, event), event, tries, last, failedElsewhere);
      failedElsewhere ||= tries.some(({ outcome }) => outcome !== 'success');
    }
  }

  /** What was added. */
  rows(): UsageRow[] {
    return [...this.entries.values()].map(
      ({ row, firstUsedAt, lastUsedAt, failures, latencies, ...money }) => ({
        ...row,
        inputCost: money.input.toFixed(),
        cachedInputCost: money.cachedInput.toFixed(),
        cacheWriteCost: money.cacheWrite.toFixed(),
        outputCost: money.output.toFixed(),
        failures: packCounts(failures),
        latencies: packCounts(latencies),
        firstUsedAt: new Date(firstUsedAt).toISOString(),
        lastUsedAt: new Date(lastUsedAt).toISOString(),
      }),
    );
  }

  private entryOf(
    grain: number,
    span: number,
    attempt: AttemptRecord,
    { cached, endedAt }: CountedRequest,
  ): Entry {
    const { providerId, model } = attempt;
    const currency = currencyOf(attempt, cached);
    let entry = this.last;
    const isLast =
      entry?.span === span &&
      entry.row.providerId === providerId &&
      entry.row.model === model &&
      entry.row.currency === currency;
    // Nearly always it is the one of the request before.
    if (entry === undefined || !isLast) entry = this.find(grain, span, providerId, model, currency);
    this.last = entry;
    entry.row.providerName = attempt.providerName;
    entry.firstUsedAt = Math.min(entry.firstUsedAt, endedAt);
    entry.lastUsedAt = Math.max(entry.lastUsedAt, endedAt);
    return entry;
  }

  private find(grain: number, span: number, providerId: string, model: string, currency: string): Entry {
    // The model stands last: it may hold anything.
    const key = `${span}\n${providerId}\n${currency}\n${model}`;
    let entry = this.entries.get(key);
    if (entry === undefined) {
      entry = {
        span,
        row: emptyUsage({ grain, span: new Date(span).toISOString(), providerId, model, currency }),
        failures: COUNTED_OUTCOMES.map(() => 0),
        latencies: emptyHistogram(),
        firstUsedAt: Infinity,
        lastUsedAt: -Infinity,
        input: new MoneySum(),
        cachedInput: new MoneySum(),
        cacheWrite: new MoneySum(),
        output: new MoneySum(),
      };
      this.entries.set(key, entry);
    }
    return entry;
  }
}

/** Tries by the provider they reached, in the order in which the providers were asked first. */
function byProvider(tries: readonly AttemptRecord[]): Iterable<readonly AttemptRecord[]> {
  if (tries.length <= 1) return [tries];
  const groups = new Map<string, AttemptRecord[]>();
  for (const attempt of tries) {
    const group = groups.get(attempt.providerId);
    if (group === undefined) groups.set(attempt.providerId, [attempt]);
    else group.push(attempt);
  }
  return groups.values();
}

function charge(
  { row, input, cachedInput, cacheWrite, output }: Entry,
  { usage, cost }: AttemptRecord,
): void {
  row.promptTokens += countOf(usage.promptTokens);
  row.completionTokens += countOf(usage.completionTokens);
  row.cachedPromptTokens += countOf(usage.cachedPromptTokens);
  row.cacheWriteTokens += countOf(usage.cacheWriteTokens);
  row.reasoningTokens += countOf(usage.reasoningTokens);
  if (!cost) return;
  input.add(cost.input);
  output.add(cost.output);
  if (cost.cachedInput !== undefined) cachedInput.add(cost.cachedInput);
  if (cost.cacheWrite !== undefined) cacheWrite.add(cost.cacheWrite);
}

/** Empty where nobody named a price, and for an answer that has none as its usage is not known. */
function currencyOf({ outcome, pricing, cost }: AttemptRecord, isRepeated: boolean): string {
  const isUnknown = outcome === 'success' && !isRepeated && !cost;
  return pricing === null || isUnknown ? '' : pricing.currency;
}

function count(
  { row, failures, latencies }: Entry,
  { cached, streamed, recovered, attempts }: CountedRequest,
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
  row.rescued += Number(succeeded && attempts.length > tries.length && hasFailedElsewhere(attempts, last));
  row.cached += Number(cached);
  // An answer from the cache says nothing about how fast a vendor is.
  if (cached) return;
  const spent = tries.reduce((sum, attempt) => sum + duration(attempt.latency), 0);
  row.latencySum += spent;
  const latencyPlace = latencyClass(spent);
  latencies[latencyPlace] = (latencies[latencyPlace] ?? 0) + 1;
  const { promptTokens, completionTokens } = last.usage;
  row.unknownUsage += Number(succeeded && (promptTokens === null || completionTokens === null));
  if (!streamed || last.timeToFirstToken === null) return;
  row.firstTokenSum += duration(last.timeToFirstToken);
  row.firstTokenCount += 1;
}

/** A stream that is recovered may have come back to the provider that failed first. */
function hasFailedElsewhere(attempts: readonly AttemptRecord[], { providerId }: AttemptRecord): boolean {
  return attempts.some((attempt) => attempt.providerId !== providerId && attempt.outcome !== 'success');
}

/** A vendor's clock never enters here, ours may be set back. */
function duration(ms: number): number {
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}
