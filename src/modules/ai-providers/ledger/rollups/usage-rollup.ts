import { Money } from '../../accounting/money.js';
import { addCounts } from './latency-histogram.js';
import { AMOUNT_NAMES, DIMENSION_NAMES, HISTOGRAM_NAMES } from './usage-columns.js';
import { GRAINS, MINUTE_MS, SUM_NAMES, type UsageRow } from './usage-row.js';

/**
 * What rows of minutes add to the minutes, hours and days of UTC that they lie in: to the row of all callers, and to that of
 * their caller where it has a name.
 */
export function rolledUp(minutes: readonly UsageRow[]): UsageRow[] {
  const sums = new Map<string, UsageRow>();
  for (const row of minutes) {
    for (const grain of GRAINS) {
      const length = grain * MINUTE_MS;
      const span = new Date(Math.floor(Date.parse(row.span) / length) * length).toISOString();
      for (const caller of row.caller === '' ? [''] : ['', row.caller]) {
        const part = { ...row, grain, span, caller };
        const key = JSON.stringify([grain, span, DIMENSION_NAMES.map((name) => part[name])]);
        const known = sums.get(key);
        sums.set(key, known ? sumOf(known, part) : part);
      }
    }
  }
  return [...sums.values()];
}

function sumOf(known: UsageRow, row: UsageRow): UsageRow {
  const sum = { ...known };
  for (const name of SUM_NAMES) sum[name] += row[name];
  for (const name of AMOUNT_NAMES) sum[name] = addMoney(sum[name], row[name]);
  for (const name of HISTOGRAM_NAMES) sum[name] = addCounts(sum[name], row[name]);
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
