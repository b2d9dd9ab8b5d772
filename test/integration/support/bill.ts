import type {
  AttemptRecord,
  RequestEvent,
} from '../../../src/modules/ai-providers/interfaces/request-event.interface.js';
import type { StatisticsCell } from '../../../src/modules/ai-providers/statistics/statistics-cell.interface.js';

/** What one line of a bill says; money in thousand millionths. */
interface BillLine {
  successful: number;
  failed: number;
  cached: number;
  rescued: number;
  prompt: bigint;
  completion: bigint;
  input: bigint;
  output: bigint;
  latencies: number;
}

export type Bill = Record<string, BillLine>;

const NEITHER = ['aborted', 'invalid_request', 'content_filter', 'internal'];
const MILLIONTHS = 1e6;

/** The bill of `events` with a line for each of `labelOf`'s labels, reckoned in whole numbers. */
export function billOf(events: readonly RequestEvent[], labelOf: (endedAt: Date) => string): Bill {
  const bill: Bill = {};
  const line = (label: string): BillLine => (bill[label] ??= emptyLine());
  for (const { attempts, endedAt, cached } of events) {
    const label = labelOf(new Date(endedAt));
    for (const attempt of attempts) {
      const { providerId, model, usage, pricing } = attempt;
      const entry = line(`${label} ${providerId} ${model} ${currencyOf(attempt, cached)}`);
      if (cached) continue;
      const prompt = BigInt(usage.promptTokens ?? 0);
      const completion = BigInt(usage.completionTokens ?? 0);
      entry.prompt += prompt;
      entry.completion += completion;
      if (isUnknown(attempt)) continue;
      entry.input += prompt * BigInt(Math.round((pricing?.inputTokenCost ?? 0) * MILLIONTHS));
      entry.output += completion * BigInt(Math.round((pricing?.outputTokenCost ?? 0) * MILLIONTHS));
    }
    for (const provider of new Set(attempts.map(({ providerId }) => providerId))) {
      const last = attempts.findLast(({ providerId }) => providerId === provider);
      if (last === undefined || NEITHER.includes(last.outcome)) continue;
      const entry = line(`${label} ${provider} ${last.model} ${currencyOf(last, cached)}`);
      entry[last.outcome === 'success' ? 'successful' : 'failed'] += 1;
      entry.cached += Number(cached);
      entry.latencies += Number(!cached);
      const others = attempts.filter(({ providerId }) => providerId !== provider);
      const isRescued = last.outcome === 'success' && others.some(({ outcome }) => outcome !== 'success');
      entry.rescued += Number(isRescued);
    }
  }
  return bill;
}

/** An answer costs as much as all of it, a failed try as much as is known of it. */
function isUnknown({ outcome, usage }: AttemptRecord): boolean {
  return outcome === 'success' && usage.totalTokens === null;
}

function currencyOf(attempt: AttemptRecord, cached: boolean): string {
  return isUnknown(attempt) && !cached ? '-' : (attempt.pricing?.currency ?? '-');
}

/** The same of what the statistics say. */
export function billFrom(cells: readonly StatisticsCell[], labelOf: (step: Date) => string): Bill {
  const lines = cells.map((cell): [string, BillLine] => [
    `${labelOf(cell.step)} ${cell.providerId} ${cell.model} ${cell.currency ?? '-'}`,
    {
      successful: cell.successful,
      failed: cell.failed,
      cached: cell.cached,
      rescued: cell.rescued,
      prompt: BigInt(cell.promptTokens),
      completion: BigInt(cell.completionTokens),
      input: thousandMillionths(cell.inputCost),
      output: thousandMillionths(cell.outputCost),
      latencies: cell.latencies.reduce((sum, count) => sum + count, 0),
    },
  ]);
  if (new Set(lines.map(([label]) => label)).size < lines.length) throw new Error('Two cells have one label');
  return Object.fromEntries(lines);
}

const FAILURES = ['ALL_PROVIDERS_FAILED', 'DEADLINE_EXCEEDED', 'RATE_LIMITED'];

/** How many of `events` failed by which of these codes; with `providerId`, after they had tried that provider last. */
export function failuresIn(events: readonly RequestEvent[], providerId?: string): Record<string, number> {
  const failures: Record<string, number> = {};
  for (const { code, attempts } of events) {
    if (code === null || !FAILURES.includes(code)) continue;
    if (providerId !== undefined && attempts.at(-1)?.providerId !== providerId) continue;
    failures[code] = (failures[code] ?? 0) + 1;
  }
  return failures;
}

function thousandMillionths(decimal: string | null): bigint {
  const [whole = '0', fraction = ''] = (decimal ?? '0').split('.');
  if (fraction.length > 9) throw new Error(`More digits than a bill has: ${decimal}`);
  return BigInt(whole + fraction.padEnd(9, '0'));
}

function emptyLine(): BillLine {
  return {
    successful: 0,
    failed: 0,
    cached: 0,
    rescued: 0,
    prompt: 0n,
    completion: 0n,
    input: 0n,
    output: 0n,
    latencies: 0,
  };
}
