import { Inject, Injectable } from '@nestjs/common';
import { PrismaService, type Transaction } from '../../../infra/prisma/prisma.service.js';
import { callBoundOf, callDatabase } from '../storage/database-call.js';
import { ADD_CIRCUIT_SKIPS } from './rollups/circuit-skip.js';
import { ADD_FAILURES } from './rollups/failures.sql.js';
import type { JournalEntry } from './journal/journal-line.js';
import { LogCounters } from './rollups/log-counters.js';
import { storable, storableJson } from '../storage/storable-json.js';
import { DEFAULT_OPERATION } from './rollups/usage-columns.js';
import { ADD_USAGE } from './rollups/usage.sql.js';

/** The key of an advisory lock, any number that is used for nothing else: its holder deletes old rows. */
export const PRUNING_LOCK = 7_214_006_150_311;

/** What one statement inserts, in characters that are nearly always a byte each. */
const STATEMENT_CHARACTERS = 100_000;

/** Of UTF-8, at most, for a UTF-16 code unit. */
const BYTES_A_CHARACTER = 3;

/** For a statement, with what stands between its rows. */
const ROOM_BYTES = BYTES_A_CHARACTER * STATEMENT_CHARACTERS * 1.01;

/**
 * Sorted, so that two statements that store the same events wait for each other instead of locking each other out. Gives
 * one row: where not all of $2 were new, which.
 */
const INSERT_REQUESTS = `
  WITH "inserted" AS (
  INSERT INTO "AIRequest" ("id", "requestId", "caller", "operation", "code", "streamed", "recovered", "cached", "latency",
                           "attempts", "metadata", "startedAt", "endedAt")
  SELECT "id", "requestId", "caller", coalesce("operation", '${DEFAULT_OPERATION}'), "code", "streamed", "recovered", "cached", "latency", "attempts",
         nullif("metadata", 'null'), to_timestamp("startedAt" / 1000.0), to_timestamp("endedAt" / 1000.0)
    FROM jsonb_to_recordset($1::jsonb) AS "event"(
         "id" uuid, "requestId" text, "caller" text, "operation" text, "code" text, "streamed" boolean, "recovered" boolean,
         "cached" boolean, "latency" double precision, "attempts" jsonb, "metadata" jsonb,
         "startedAt" double precision, "endedAt" double precision)
   ORDER BY "id"
  ON CONFLICT ("id") DO NOTHING
  RETURNING "id")
  SELECT CASE WHEN count(*) < $2::int THEN coalesce(array_agg("id"::text), '{}') END AS "ids" FROM "inserted"`;

/** An event that came late is kept for as long after it came, so that a replay of it is still recognised. */
const DELETE_SOME = `
  DELETE FROM "AIRequest" WHERE "id" IN (
    SELECT "id" FROM "AIRequest" WHERE "endedAt" < $1::timestamptz AND "recordedAt" < $1::timestamptz
     ORDER BY "endedAt" LIMIT $2::int)`;

/** The days of a caller stay: they are few. */
const DELETE_CALLER_USAGE = `
  DELETE FROM "AIUsage" WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM "AIUsage" WHERE "grain" IN (1, 60) AND "caller" > '' AND "span" < $1::timestamptz LIMIT $2::int))`;

/**
 * The requests that ended, each counted exactly once however often it is recorded and by however many at once. Methods
 * throw `AIError('DATABASE_UNAVAILABLE')` when the database does not answer; what they were asked may then have happened.
 */
@Injectable()
export class RequestLogRepository {
  /**
   * Where a statement's rows are written, unless somebody writes there now; pg has copied them when `query` returns. A string
   * or bytes of its own would be held until the server has answered and be among the old objects by then.
   */
  private room: Buffer | undefined;

  constructor(@Inject(PrismaService) private readonly database: PrismaService) {}

  /** Whether the database did not answer when it was looked at last. */
  get isDatabaseAway(): boolean {
    return this.database.isAway;
  }

  /**
   * Stores the events that are not known yet and adds them to the roll-ups, all or nothing; gives their number.
   * @param counters what all of `entries` add to the roll-ups, where that is known
   */
  async record(entries: readonly JournalEntry[], counters?: LogCounters): Promise<number> {
    if (entries.length === 0) return 0;
    const timeout = callBoundOf(this.database);
    const room = this.room ?? Buffer.allocUnsafe(ROOM_BYTES);
    this.room = undefined;
    try {
      return await callDatabase(this.database, () =>
        this.database.transaction(timeout, (transaction) => recordIn(transaction, entries, room, counters)),
      );
    } finally {
      this.room = room;
    }
  }

  /**
   * Deletes at most `limit` rows of the minutes and hours of named callers from before `before`; gives their number. Host
   * applications may name a caller for each of their users, and what all callers did together has rows of its own.
   */
  async deleteSomeOfCallers(before: Date, limit: number): Promise<number> {
    return callDatabase(this.database, (prisma) =>
      prisma.$executeRawUnsafe(DELETE_CALLER_USAGE, before, limit),
    );
  }

  /**
   * Deletes at most `limit` requests that ended and were recorded before `before`; gives their number, or null while
   * another replica is at it.
   */
  async deleteSome(before: Date, limit: number): Promise<number | null> {
    return callDatabase(this.database, (prisma) =>
      prisma.$transaction(async (transaction) => {
        const [lock] = await transaction.$queryRawUnsafe<{ taken: boolean }[]>(
          `SELECT pg_try_advisory_xact_lock(${PRUNING_LOCK}) AS "taken"`,
        );
        if (lock?.taken !== true) return null;
        await transaction.aICircuitSkip.deleteMany({ where: { span: { lt: before } } });
        return transaction.$executeRawUnsafe(DELETE_SOME, before, limit);
      }),
    );
  }
}

async function recordIn(
  transaction: Transaction,
  entries: readonly JournalEntry[],
  room: Buffer,
  counters?: LogCounters,
): Promise<number> {
  const added = await insertNew(transaction, entries, room);
  const isAllNew = added.length === entries.length;
  const sum = counters !== undefined && isAllNew ? counters : LogCounters.of(added.map(({ event }) => event));
  const usage = sum.usageRows();
  if (usage.length > 0) await transaction.query(ADD_USAGE, [storableJson(usage)]);
  const failures = sum.failureRows();
  if (failures.length > 0) await transaction.query(ADD_FAILURES, [storableJson(failures)]);
  const skips = sum.circuitSkipRows();
  if (skips.length > 0) await transaction.query(ADD_CIRCUIT_SKIPS, [storableJson(skips)]);
  return added.length;
}

/** Inserts those that are not known yet and gives them: one that comes twice is inserted once. */
async function insertNew(
  transaction: Transaction,
  entries: readonly JournalEntry[],
  room: Buffer,
): Promise<JournalEntry[]> {
  const added: JournalEntry[] = [];
  for (const part of statementsOf(entries)) {
    const inserted = await transaction.query<{ ids: string[] | null }>(INSERT_REQUESTS, [
      jsonbOf(part, room),
      part.length,
    ]);
    const { ids = [] } = inserted.rows[0] ?? {};
    const isNew = ids === null ? null : new Set(ids);
    for (const entry of part)
      if (isNew === null || isNew.delete(entry.event.id.toLowerCase())) added.push(entry);
  }
  return added;
}

/**
 * The entries as an array, in the binary form of a `jsonb`: its version, 1, and the text (`jsonb_recv` in PostgreSQL's
 * src/backend/utils/adt/jsonb.c). Written into `room` where that is large enough.
 */
function jsonbOf(entries: readonly JournalEntry[], room: Buffer): Buffer {
  const json = storable(`\u0001[${entries.map((entry) => entry.json).join(',')}]`);
  const atMost = BYTES_A_CHARACTER * json.length;
  const bytes = atMost > room.length ? Buffer.allocUnsafe(atMost) : room;
  return bytes.subarray(0, bytes.write(json));
}

/** The entries by statement, in their order. */
function statementsOf(entries: readonly JournalEntry[]): JournalEntry[][] {
  const statements: JournalEntry[][] = [];
  let characters = Infinity;
  for (const entry of entries) {
    characters += entry.json.length;
    if (characters > STATEMENT_CHARACTERS) {
      statements.push([]);
      characters = entry.json.length;
    }
    statements.at(-1)?.push(entry);
  }
  return statements;
}
