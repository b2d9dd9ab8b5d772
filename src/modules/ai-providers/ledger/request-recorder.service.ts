import { join } from 'node:path';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { APP_CONFIG } from '../../../infra/config/config.token.js';
import type { DataDirectoryConfig } from '../../../infra/data-directory/data-directory.config.js';
import type { LedgerConfig } from './ledger.config.js';
import { endOfTurn } from '../../../infra/time/end-of-turn.js';
import { makeDataDirectory } from '../../../infra/data-directory/data-directory.js';
import { LOGGER, type Logger } from '../../../infra/logging/logger.interface.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import type { RequestEvent } from '../interfaces/request-event.interface.js';
import { JournalDrainer } from './journal/journal-drainer.js';
import { RequestJournal } from './journal/request-journal.js';
import { RequestLogRepository } from './request-log.repository.js';
import type { RequestSink } from '../interfaces/request-event.interface.js';

/** How long a stop waits for the log to reach the database; what is left is stored at the next start. */
const STOP_MS = 5_000;

/** Between two looks for journals that ended processes left. */
const ADOPT_EVERY_MS = 10_000;

/** How the keeping of the log goes, since the start. */
export interface RecorderState {
  /** Bytes of the journal on disk. */
  journalBytes: number;
  /** Requests that the journal could not take: its budget was used up, or the disk failed. */
  lost: number;
  /** Lines and requests that could not be stored. */
  damaged: number;
}

/**
 * Keeps what becomes of every request: first in a journal on disk, before the answer ends, then from there in the
 * database. A request that was answered is in the statistics whatever happens to this process or to the database.
 */
@Injectable()
export class RequestRecorder implements RequestSink, OnModuleInit, BeforeApplicationShutdown {
  private journal: RequestJournal | undefined;
  private drainer: JournalDrainer | undefined;
  private adoptTimer: NodeJS.Timeout | undefined;
  /** Not kept yet: those of this turn of the event loop, and of other modules' own start. */
  private ended: RequestEvent[] = [];
  private keeping: Promise<void> | undefined;
  private lost = 0;
  private isLosing = false;

  constructor(
    @Inject(APP_CONFIG) private readonly config: DataDirectoryConfig & LedgerConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>,
    private readonly log: RequestLogRepository,
  ) {}

  /** Throws an Error of one line where the journal cannot be written. */
  async onModuleInit(): Promise<void> {
    const directory = join(this.config.dataDir, 'journal');
    try {
      await makeDataDirectory(this.config.dataDir);
      this.journal = await RequestJournal.open(directory, this.config.journalMaxBytes);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`The journal in ${directory} cannot be opened: ${reason}`, { cause: error });
    }
    this.drainer = new JournalDrainer(this.journal, this.log, this.clock, this.logger);
    this.keep();
    if (this.journal.hasPending) this.drainer.notify();
    this.adoptTimer = setInterval(() => void this.adopt(), ADOPT_EVERY_MS).unref();
  }

  /** Those that end in one turn of the event loop are kept by one system call. */
  requestEnded(event: RequestEvent): Promise<void> {
    this.ended.push(event);
    this.keeping ??= endOfTurn().then(() => this.keep());
    return this.keeping;
  }

  get state(): RecorderState {
    return {
      journalBytes: this.journal?.bytes ?? 0,
      lost: this.lost,
      damaged: this.drainer?.damaged ?? 0,
    };
  }

  /** Whether the database did not take the log when it was tried last. */
  get isFailing(): boolean {
    return this.drainer?.isFailing ?? false;
  }

  /** Whether the database was not there when it was written to, or looked at for changes, last. */
  get isDatabaseAway(): boolean {
    return this.isFailing || this.log.isDatabaseAway;
  }

  /** Whether the journal took what it was given last. */
  get isJournalling(): boolean {
    return !this.isLosing;
  }

  /** Stores all requests that have ended; false where the database did not take them. */
  async flush(): Promise<boolean> {
    await this.keeping;
    return (await this.drainer?.drain()) ?? true;
  }

  /** Nest stops what uses another before that other: requests have ended by now, and the database is still there. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.adoptTimer);
    await this.keeping;
    await this.drainer?.stop(STOP_MS);
    await this.journal?.close();
  }

  private async adopt(): Promise<void> {
    try {
      if ((await this.journal?.adopt()) ?? 0) this.drainer?.notify();
    } catch (error) {
      this.logger.warn({ err: error }, 'Journals of ended processes cannot be read');
    }
  }

  /** What has ended before there is a journal waits for it; its answers do not. */
  private keep(): void {
    this.keeping = undefined;
    if (this.journal === undefined || this.ended.length === 0) return;
    const { lost, fault } = this.journal.append(this.ended);
    this.ended = [];
    if (lost === 0) this.recover();
    else this.lose(lost, fault);
    this.drainer?.notify();
  }

  private recover(): void {
    if (!this.isLosing) return;
    this.isLosing = false;
    this.logger.info({ lost: this.lost }, 'The journal takes requests again');
  }

  private lose(count: number, fault: unknown): void {
    this.lost += count;
    if (this.isLosing) return;
    this.isLosing = true;
    if (fault === undefined) {
      const { journalMaxBytes: maxBytes } = this.config;
      this.logger.error({ maxBytes }, 'The journal is full: requests go unrecorded');
    } else {
      this.logger.error({ err: fault }, 'The journal cannot be written: requests go unrecorded');
    }
  }
}
