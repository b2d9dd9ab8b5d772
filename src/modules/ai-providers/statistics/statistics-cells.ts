import type { StatisticsCell } from './statistics-cell.interface.js';

/** Cells of the same key together, keys in order of their first cell. */
export function grouped(
  cells: readonly StatisticsCell[],
  keyOf: (cell: StatisticsCell) => string,
): StatisticsCell[][] {
  const groups = new Map<string, StatisticsCell[]>();
  for (const cell of cells) {
    const key = keyOf(cell);
    const group = groups.get(key);
    if (group) group.push(cell);
    else groups.set(key, [cell]);
  }
  return [...groups.values()];
}
