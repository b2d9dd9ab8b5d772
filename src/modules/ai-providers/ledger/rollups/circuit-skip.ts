import type { RequestEvent } from '../../interfaces/request-event.interface.js';
import { FAILURE_CODES } from './failure-row.js';
import { MINUTE_MS } from './usage-row.js';

/** What is added to a row of `AICircuitSkip`. */
export interface CircuitSkipRow {
  /** The minute of UTC, ISO 8601. */
  span: string;
  providerId: string;
  count: number;
}

/** Adds up the requests that found no provider to ask, by the minutes in which they ended and the providers they skipped. */
export class CircuitSkipLedger {
  private readonly entries = new Map<string, CircuitSkipRow>();

  add({ code, skippedByCircuit, endedAt }: RequestEvent): void {
    if (skippedByCircuit === undefined || code === null || !FAILURE_CODES.includes(code)) return;
    const span = new Date(endedAt - (endedAt % MINUTE_MS)).toISOString();
    for (const providerId of skippedByCircuit) {
      const key = `${span} ${providerId}`;
      const row = this.entries.get(key) ?? { span, providerId, count: 0 };
      row.count += 1;
      this.entries.set(key, row);
    }
  }

  /** What was added. */
  rows(): CircuitSkipRow[] {
    return [...this.entries.values()];
  }
}

/** Adds rows to `AICircuitSkip`; sorted, so that no two that store lock each other out. */
export const ADD_CIRCUIT_SKIPS = `
  INSERT INTO "AICircuitSkip" AS "known" ("span", "providerId", "count")
  SELECT "span", "providerId", "count" FROM jsonb_to_recordset($1::jsonb) AS "skip"(
         "span" timestamptz, "providerId" text, "count" bigint)
   ORDER BY "span", "providerId"
  ON CONFLICT ("span", "providerId") DO UPDATE SET "count" = "known"."count" + EXCLUDED."count"`;
