import { MoneySum } from '../../accounting/money.js';
import type { AttemptRecord } from '../../interfaces/request-event.interface.js';
import { storableText } from '../../storage/storable-json.js';
import { COUNTED_OUTCOMES, failurePlace } from './counted-outcome.js';
import { emptyHistogram, latencyClass } from './latency-histogram.js';
import {
  AMOUNTS,
  AMOUNT_NAMES,
  DIMENSIONS,
  DIMENSION_NAMES,
  DURATIONS,
  latencyOf,
  REQUEST_COUNTERS,
  TOKEN_COUNTERS,
  type CountedRequest,
  type Counter,
  type Dimension,
  type Duration,
  type ProviderShare,
} from './usage-columns.js';
import { emptyUsage, MINUTE_MS, type UsageKey, type UsageRow } from './usage-row.js';

/** Into which span a request falls. */
type SpanOf = (event: CountedRequest) => { grain: number; span: number };

/** The minute of UTC in which it ended. */
const minuteOf: SpanOf = ({ endedAt }) => ({ grain: 1, span: endedAt - (endedAt % MINUTE_MS) });

/** Lists, because looking a column up by its name costs more than all the rest of a count. */
const DIMENSION_READERS = Object.values(DIMENSIONS);
const SHARE_COLUMNS = Object.entries({ ...REQUEST_COUNTERS, ...DURATIONS });
const SHARE_NAMES = SHARE_COLUMNS.map(([name]) => name) as (Counter | Duration)[];
const SHARE_READERS = SHARE_COLUMNS.map(([, { read }]) => read);
const TOKEN_NAMES = Object.keys(TOKEN_COUNTERS) as Counter[];
const TOKEN_READERS = Object.values(TOKEN_COUNTERS);
const BILL_PARTS = Object.values(AMOUNTS);

/** A row that is being added up; lists are in the order of the names above. */
interface Entry {
  span: number;
  key: UsageKey;
  dimensions: readonly string[];
  providerName: string;
  ofShares: number[];
  ofTokens: number[];
  amounts: MoneySum[];
  failures: number[];
  latencies: number[];
  firstUsedAt: number;
  lastUsedAt: number;
}

/**
 * Adds requests up. A request counts once for every provider it reached: its last try there decides. What the caller
 * brought about (a bad request, a refused content, a hang-up) counts as neither success nor failure, its tokens and
 * their price all the same; an answer from the cache counts as a request, its tokens never. Tokens a vendor did not
 * report and we could not count add nothing.
 */
export class UsageLedger {
  private readonly entries = new Map<string, Entry>();
  private last: Entry | undefined;

  constructor(private readonly spanOf: SpanOf = minuteOf) {}

  add(request: CountedRequest): void {
    const { attempts, cached } = request;
    const { grain, span } = this.spanOf(request);
    const reached = attempts.filter(({ outcome }) => outcome !== 'skipped');
    for (const attempt of reached) {
      const entry = this.entryOf(grain, span, attempt, request);
      if (!cached) charge(entry, attempt);
    }
    let hadFailedElsewhere = false;
    for (const tries of byProvider(reached)) {
      const last = tries.at(-1);
      if (last !== undefined) {
        const succeeded = last.outcome === 'success';
        const share = { request, tries, last, succeeded, hadFailedElsewhere };
        count(this.entryOf(grain, span, last, request), share);
      }
      hadFailedElsewhere ||= tries.some(({ outcome }) => outcome !== 'success');
    }
  }

  /** What was added, each named caller apart. */
  rows(): UsageRow[] {
    return [...this.entries.values()].map(rowOf);
  }

  private entryOf(grain: number, span: number, attempt: AttemptRecord, request: CountedRequest): Entry {
    let entry = this.last;
    // Nearly always it is the one of the request before.
    if (entry === undefined || entry.span !== span || !isOf(entry, attempt, request))
      entry = this.find(grain, span, attempt, request);
    this.last = entry;
    entry.providerName = attempt.providerName;
    entry.firstUsedAt = Math.min(entry.firstUsedAt, request.endedAt);
    entry.lastUsedAt = Math.max(entry.lastUsedAt, request.endedAt);
    return entry;
  }

  private find(grain: number, span: number, attempt: AttemptRecord, request: CountedRequest): Entry {
    // As the database has them: two rows of one statement must not become the same one there.
    const dimensions = DIMENSION_READERS.map((read) => storableText(read(attempt, request)));
    const id = JSON.stringify([span, dimensions]);
    let entry = this.entries.get(id);
    if (entry === undefined) this.entries.set(id, (entry = emptyEntry(grain, span, dimensions)));
    return entry;
  }
}

function emptyEntry(grain: number, span: number, dimensions: readonly string[]): Entry {
  const values = DIMENSION_NAMES.map((name, place) => [name, dimensions[place] ?? '']);
  const named = Object.fromEntries(values) as Record<Dimension, string>;
  return {
    span,
    key: { ...named, grain, span: new Date(span).toISOString() },
    dimensions,
    providerName: '',
    ofShares: SHARE_NAMES.map(() => 0),
    ofTokens: TOKEN_NAMES.map(() => 0),
    amounts: BILL_PARTS.map(() => new MoneySum()),
    failures: COUNTED_OUTCOMES.map(() => 0),
    latencies: emptyHistogram(),
    firstUsedAt: Infinity,
    lastUsedAt: -Infinity,
  };
}

function isOf({ dimensions }: Entry, attempt: AttemptRecord, request: CountedRequest): boolean {
  return DIMENSION_READERS.every((read, place) => dimensions[place] === read(attempt, request));
}

function rowOf(entry: Entry): UsageRow {
  const row = emptyUsage(entry.key);
  row.providerName = entry.providerName;
  SHARE_NAMES.forEach((name, place) => (row[name] = entry.ofShares[place] ?? 0));
  TOKEN_NAMES.forEach((name, place) => (row[name] = entry.ofTokens[place] ?? 0));
  AMOUNT_NAMES.forEach((name, place) => (row[name] = entry.amounts[place]?.toFixed() ?? '0'));
  row.failures = trimmed(entry.failures);
  row.latencies = trimmed(entry.latencies);
  row.firstUsedAt = new Date(entry.firstUsedAt).toISOString();
  row.lastUsedAt = new Date(entry.lastUsedAt).toISOString();
  return row;
}

/** Without the zeros at its end. */
function trimmed(counts: readonly number[]): readonly number[] {
  return counts.slice(0, counts.findLastIndex((count) => count > 0) + 1);
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

function charge({ ofTokens, amounts }: Entry, attempt: AttemptRecord): void {
  for (let place = 0; place < TOKEN_READERS.length; place++) {
    ofTokens[place] = (ofTokens[place] ?? 0) + (TOKEN_READERS[place]?.(attempt) ?? 0);
  }
  const { cost } = attempt;
  if (!cost) return;
  for (let place = 0; place < BILL_PARTS.length; place++) {
    const part = cost[BILL_PARTS[place] ?? 'input'];
    if (part !== undefined) amounts[place]?.add(part);
  }
}

function count({ ofShares, failures, latencies }: Entry, share: ProviderShare): void {
  const place = failurePlace(share.last.outcome);
  if (place !== undefined) failures[place] = (failures[place] ?? 0) + 1;
  else if (!share.succeeded) return;
  for (let column = 0; column < SHARE_READERS.length; column++) {
    ofShares[column] = (ofShares[column] ?? 0) + (SHARE_READERS[column]?.(share) ?? 0);
  }
  if (share.request.cached) return;
  const latencyPlace = latencyClass(latencyOf(share));
  latencies[latencyPlace] = (latencies[latencyPlace] ?? 0) + 1;
}
