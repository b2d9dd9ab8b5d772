import { AI_ERROR_STATUS } from '../../errors/ai.error.js';
import type { RequestEvent } from '../../interfaces/request-event.interface.js';
import { GRAINS, MINUTE_MS } from './usage-row.js';

/** Codes that say that we or the vendors failed. The others are the caller's own doing, and counted nowhere. */
export const FAILURE_CODES: readonly string[] = Object.entries(AI_ERROR_STATUS)
  .filter(([code, status]) => status >= 500 || code === 'RATE_LIMITED')
  .map(([code]) => code);

/** What is added to a row of `AIFailure`. */
export interface FailureRow {
  /** Length of the span in minutes. */
  grain: number;
  /** ISO 8601. */
  span: string;
  /** The provider that was tried last; empty where none was. */
  providerId: string;
  code: string;
  count: number;
}

/** Adds up requests that failed, each once, by the minutes, hours and days of UTC in which they ended. */
export class FailureLedger {
  private readonly entries = new Map<string, FailureRow>();

  add({ code, attempts, endedAt }: RequestEvent): void {
    if (code === null || !FAILURE_CODES.includes(code)) return;
    const providerId = attempts.at(-1)?.providerId ?? '';
    for (const grain of GRAINS) {
      const length = grain * MINUTE_MS;
      const span = new Date(endedAt - (endedAt % length)).toISOString();
      const key = `${grain} ${span} ${providerId} ${code}`;
      const row = this.entries.get(key) ?? { grain, span, providerId, code, count: 0 };
      row.count += 1;
      this.entries.set(key, row);
    }
  }

  /** What was added. */
  rows(): FailureRow[] {
    return [...this.entries.values()];
  }
}
