import { databaseFault } from '../../../../infra/prisma/database-fault.js';
import type { Logger } from '../../../../infra/logging/logger.interface.js';
import { AIError } from '../../errors/ai.error.js';
import type { Clock } from '../../interfaces/clock.interface.js';
import { readJournalLine, type JournalEntry } from './journal-line.js';
import type { LogCounters } from '../rollups/log-counters.js';
import type { RequestJournal } from './request-journal.js';

/** How long events gather before they are stored together: a batch costs as much for one event as for a hundred. */
const GATHER_MS = 500;

/** Between two tries to reach a database that is away. */
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 5_000;

/** Where events go. */
export interface EventSink {
  /** `counters`: what all of `entries` add to the roll-ups, where that is known. */
  record(entries: readonly JournalEntry[], counters?: LogCounters): Promise<number>;
}

/** Carries events from the journal into the database, in the background, until the journal is empty. */
export class JournalDrainer {
  /** Events that no database takes and lines that were no event. */
  damaged = 0;
  private running: Promise<boolean> | undefined;
  private cancelTimer: (() => void) | undefined;
  private retryMs = 0;
  private stopped = false;
  private hasToldOfSetAside = false;

  constructor(
    private readonly journal: RequestJournal,
    private readonly sink: EventSink,
    private readonly clock: Clock,
    private readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>,
  ) {}

  /** Whether the last try to store failed. */
  get isFailing(): boolean {
    return this.retryMs > 0;
  }

  /** Something has been appended. */
  notify(): void {
    if (this.cancelTimer === undefined && this.running === undefined && !this.stopped) this.wait(GATHER_MS);
  }

  /** Stores everything that is there; false where the database did not take it: then it is tried again by itself. */
  async drain(): Promise<boolean> {
    await this.running;
    return this.run();
  }

  /** Stores what is there, for `ms` milliseconds at most, and then nothing more. */
  async stop(ms: number): Promise<void> {
    const drained = this.drain();
    await new Promise<void>((done) => {
      const cancel = this.clock.schedule(ms, done);
      void drained.finally(() => {
        cancel();
        done();
      });
    });
    this.stopped = true;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  private wait(ms: number): void {
    this.cancelTimer = this.clock.schedule(ms, () => void this.run());
  }

  private run(): Promise<boolean> {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.running ??= this.storePending().finally(() => {
      this.running = undefined;
      if (this.journal.hasPending && !this.stopped) this.wait(this.retryMs || GATHER_MS);
    });
    return this.running;
  }

  /** Stores what is there at its begin, not what comes meanwhile: under load that would be batches of a few, without end. */
  private async storePending(): Promise<boolean> {
    try {
      for (let isLast = false; !isLast && !this.stopped;) {
        const batch = await this.journal.next();
        if (batch === null) break;
        isLast = batch.isLast;
        await this.store(batch.entries, batch.counters);
        this.recover();
        this.damaged += batch.damaged;
        if (batch.damaged > 0)
          this.logger.warn({ lines: batch.damaged }, 'Skipped torn lines of the journal');
        await this.journal.confirm(batch);
      }
      return true;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  /** A value that no database takes must not keep all the others out: its event is found by halves and left out. */
  private async store(entries: readonly JournalEntry[], counters?: LogCounters): Promise<void> {
    try {
      await this.sink.record(entries, counters);
    } catch (error) {
      if (!isOfRecord(error)) throw error;
      const [first] = entries;
      if (entries.length > 1) {
        const middle = entries.length >> 1;
        await this.store(entries.slice(0, middle));
        await this.store(entries.slice(middle));
      } else {
        await this.setAside(first, error);
      }
    }
  }

  /** Logged once: the metric counts them, and the file has them all. */
  private async setAside(entry: JournalEntry | undefined, error: unknown): Promise<void> {
    this.damaged += 1;
    if (entry === undefined) return;
    const file = await this.journal.setAside(entry.json);
    if (this.hasToldOfSetAside) return;
    this.hasToldOfSetAside = true;
    const requestId = readJournalLine(entry.json)?.event.requestId;
    this.logger.error(
      { requestId, file, err: error },
      'A request that cannot be stored in the log is set aside, as others may be: the file has them',
    );
  }

  /** Logged at the first batch that is taken: under load the journal may not be empty for long. */
  private recover(): void {
    if (this.retryMs > 0) this.logger.info({}, 'The request log is written to the database again');
    this.retryMs = 0;
  }

  private fail(error: unknown): void {
    const isAway = error instanceof AIError && error.code === 'DATABASE_UNAVAILABLE';
    if (this.retryMs === 0 && isAway)
      this.logger.warn({}, 'The database is away: the request log is kept in the journal');
    else if (this.retryMs === 0)
      this.logger.error({ err: error }, 'The request log cannot be written: it is kept in the journal');
    this.retryMs = Math.min(LAST_RETRY_MS, Math.max(FIRST_RETRY_MS, this.retryMs * 2));
  }
}

/** Whether a failure is due to a value of a record: no other attempt will store it. */
function isOfRecord(error: unknown): boolean {
  return databaseFault(error) === 'bad-value' || error instanceof RangeError || error instanceof TypeError;
}
