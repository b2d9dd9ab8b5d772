import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import type { FailuresQuery, StatisticsCell, StatisticsQuery } from './statistics-cell.interface.js';
import { StatisticsRepository } from './statistics.repository.js';
import { RequestRecorder } from '../ledger/request-recorder.service.js';

/** Longest wait for this replica's own requests to reach the database, in milliseconds. */
const CATCH_UP_MS = 500;

/** Reads what was counted, what this replica has just answered included. */
@Injectable()
export class StatisticsReader {
  constructor(
    private readonly repository: StatisticsRepository,
    private readonly recorder: RequestRecorder,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The cells of `query`. Requests that this replica answered before are among them unless storing them takes longer than
   * 500 ms; those of other replicas follow within about a second.
   * @throws AIError `DATABASE_UNAVAILABLE`
   */
  async read(query: StatisticsQuery): Promise<StatisticsCell[]> {
    await this.catchUp();
    return this.repository.read(query);
  }

  /** As `read`, for several queries at once. */
  async readAll(queries: readonly StatisticsQuery[]): Promise<StatisticsCell[][]> {
    await this.catchUp();
    return Promise.all(queries.map((query) => this.repository.read(query)));
  }

  /** Requests that failed, by the error their callers got; as up to date as `read`. */
  async failuresByCode(query: FailuresQuery): Promise<Record<string, number>> {
    await this.catchUp();
    return this.repository.failuresByCode(query);
  }

  /** Where the database is away the reading itself says so, and there is nothing to wait for. */
  private catchUp(): Promise<void> {
    const { isFailing } = this.recorder;
    return new Promise((resolve) => {
      const cancel = this.clock.schedule(CATCH_UP_MS, resolve);
      void this.recorder.flush().finally(() => {
        cancel();
        resolve();
      });
      if (isFailing) resolve();
    });
  }
}
