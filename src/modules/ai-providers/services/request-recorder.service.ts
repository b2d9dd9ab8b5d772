import { join } from 'node:path';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../../../infra/config/app-config.interface.js';
import { LOGGER, type Logger } from '../../../infra/logging/logger.interface.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import type { RequestEvent } from '../interfaces/request-event.interface.js';
import { JournalDrainer } from '../persistence/journal-drainer.js';
import { RequestJournal } from '../persistence/request-journal.js';
import { RequestLogRepository } from '../persistence/request-log.repository.js';
import type { PipelineObserver } from '../pipeline/ports.js';

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
export class RequestRecorder implements PipelineObserver, OnModuleInit, BeforeApplicationShutdown {
  private journal: RequestJournal | undefined;
  private drainer: JournalDrainer | undefined;
  private adoptTimer: NodeJS.Timeout | undefined;
  /** Requests of other modules' own start. */
  private readonly early: RequestEvent[] = [];
  private lost = 0;
  private isLosing = false;

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>,
    private readonly log: RequestLogRepository,
  ) {}

  /** Throws an Error of one line where the journal cannot be written. */
  async onModuleInit(): Promise<void> {
    const directory = join(this.config.dataDir, 'journal');
    try {
      this.journal = await RequestJournal.open(directory, this.config.journalMaxBytes);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`The journal in ${directory} cannot be opened: ${reason}`, { cause: error });
    }
    this.drainer = new JournalDrainer(this.journal, this.log, this.clock, this.logger);
    for (const event of this.early.splice(0)) this.requestEnded(event);
    if (this.journal.hasPending) this.drainer.notify();
    this.adoptTimer = setInterval(() => void this.adopt(), ADOPT_EVERY_MS).unref();
  }

  requestEnded(event: RequestEvent): void {
    if (this.journal === undefined) {
      this.early.push(event);
      return;
    }
    try {
      if (this.journal.append(event)) this.kept();
      else
        this.lose('The journal is full: requests go unrecorded', { maxBytes: this.config.journalMaxBytes });
    } catch (error) {
      this.lose('The journal cannot be written: requests go unrecorded', { err: error });
    }
    this.drainer?.notify();
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

  /** Stores all requests that have ended; false where the database did not take them. */
  async flush(): Promise<boolean> {
    return (await this.drainer?.drain()) ?? true;
  }

  /** Nest stops what uses another before that other: requests have ended by now, and the database is still there. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.adoptTimer);
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

  private kept(): void {
    if (!this.isLosing) return;
    this.isLosing = false;
    this.logger.info({ lost: this.lost }, 'The journal takes requests again');
  }

  private lose(message: string, details: object): void {
    this.lost += 1;
    if (this.isLosing) return;
    this.isLosing = true;
    this.logger.error(details, message);
  }
}
