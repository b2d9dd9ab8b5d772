import type { Step } from './calendar.js';
import { MINUTE_MS } from '../../ledger/rollups/usage-row.js';

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Stored spans of one length that lie side by side, or `grain` 0: a part of a minute, which only the raw rows know. */
export interface Segment {
  /** Begin of the step they count for. */
  step: number;
  grain: 0 | 1 | 60 | 1440;
  from: number;
  to: number;
}

/** Covers `step` by as few stored spans as can be: whole days of UTC, then whole hours, then minutes. */
export function coverStep({ begin: step, from, to }: Step): Segment[] {
  const segments: Segment[] = [];
  const add = (grain: Segment['grain'], start: number, end: number): void => {
    if (start < end) segments.push({ step, grain, from: start, to: end });
  };
  const nest = (
    levels: readonly (readonly [Segment['grain'], number])[],
    start: number,
    end: number,
  ): void => {
    const [level, ...finer] = levels;
    if (level === undefined) {
      add(0, start, end);
      return;
    }
    const [grain, length] = level;
    const first = Math.ceil(start / length) * length;
    const last = Math.floor(end / length) * length;
    if (first >= last) {
      nest(finer, start, end);
      return;
    }
    nest(finer, start, first);
    add(grain, first, last);
    nest(finer, last, end);
  };
  nest(LEVELS, from, to);
  return segments;
}

/** Segments in order of time, those of one grain that lie side by side as one; the step is that of the first. */
export function joined(segments: readonly Segment[]): Segment[] {
  const ranges: Segment[] = [];
  for (const segment of segments) {
    const last = ranges.at(-1);
    if (last?.grain === segment.grain && last.to === segment.from) last.to = segment.to;
    else ranges.push({ ...segment });
  }
  return ranges;
}

const LEVELS = [
  [1440, DAY_MS],
  [60, HOUR_MS],
  [1, MINUTE_MS],
] as const;
