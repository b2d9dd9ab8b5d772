import { Money } from '../../accounting/money.js';
import { GRAINS, MINUTE_MS, type UsageRow } from './usage-row.js';

type Count = {
  [Name in keyof UsageRow]: UsageRow[Name] extends number ? Name : never;
}[Exclude<keyof UsageRow, 'grain'>];

const COUNTS: readonly Count[] = [
  'successful',
  'failed',
  'retried',
  'fallbacks',
  'streamed',
  'recovered',
  'rescued',
  'cached',
  'promptTokens',
  'completionTokens',
  'cachedPromptTokens',
  'cacheWriteTokens',
  'reasoningTokens',
  'unknownUsage',
  'latencySum',
  'firstTokenSum',
  'firstTokenCount',
];

/** What rows of minutes add to the minutes, hours and days of UTC that they lie in. */
export function rolledUp(minutes: readonly UsageRow[]): UsageRow[] {
  const sums = new Map<string, UsageRow>();
  for (const row of minutes) {
    for (const grain of GRAINS) {
      const length = grain * MINUTE_MS;
      const span = new Date(Math.floor(Date.parse(row.span) / length) * length).toISOString();
      const key = `${grain}\n${span}\n${row.providerId}\n${row.currency}\n${row.model}`;
      const known = sums.get(key);
      sums.set(key, known ? sumOf(known, row) : { ...row, grain, span });
    }
  }
  return [...sums.values()];
}

function sumOf(known: UsageRow, row: UsageRow): UsageRow {
  const sum: UsageRow = {
    ...known,
    failures: addPacked(known.failures, row.failures),
    latencies: addPacked(known.latencies, row.latencies),
    inputCost: addMoney(known.inputCost, row.inputCost),
    cachedInputCost: addMoney(known.cachedInputCost, row.cachedInputCost),
    cacheWriteCost: addMoney(known.cacheWriteCost, row.cacheWriteCost),
    outputCost: addMoney(known.outputCost, row.outputCost),
  };
  for (const name of COUNTS) sum[name] += row[name];
  if (row.firstUsedAt < known.firstUsedAt) sum.firstUsedAt = row.firstUsedAt;
  if (row.lastUsedAt >= known.lastUsedAt) {
    sum.lastUsedAt = row.lastUsedAt;
    sum.providerName = row.providerName;
  }
  return sum;
}

function addMoney(known: string, more: string): string {
  return more === '0' ? known : new Money(known).add(more).toFixed();
}

/** Packed counts add up as the numbers that they are. */
function addPacked(known: string, more: string): string {
  return (BigInt(known) + BigInt(more)).toString();
}
