import type pg from 'pg';
import { createPool, WATCH_LIMITS } from './connection-pool.js';
import { describeFailure } from './database-address.js';
import type { DatabaseLogger } from './database-options.js';
import { NotificationListener } from './notification-listener.js';

/** What to watch and what to call after a change. */
export interface ChangeSubscription {
  /** Channel on which the tables' triggers notify. */
  channel: string;
  /** One row with one text column, which differs whenever the data does. */
  fingerprintSql: string;
  /** Called again later where it rejects. */
  onChange: () => void | Promise<void>;
}

/** Between two looks: well inside the promised second. */
const LOOK_MS = 500;

/** Between two looks at a database that is away. */
const RETRY_MS = 250;

/**
 * Follows changes in a PostgreSQL server. Notifications make it quick; looking at the data, twice a second, makes it
 * certain: they get lost while their connection is down or hangs, and never come through a pooler that shares connections
 * between transactions. Looks have a connection of their own, so that neither a listener that hangs nor a busy pool keeps
 * them. One log line when the database is lost, one when it is back.
 */
export class ChangeListener {
  private readonly pool: pg.Pool;
  private readonly listener: NotificationListener;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private stopped = false;
  /** A notification came since the last look. */
  private wasNotified = false;
  private down = false;
  private seen: string | undefined;

  constructor(
    connection: pg.PoolConfig,
    private readonly subscription: ChangeSubscription,
    private readonly logger: DatabaseLogger,
  ) {
    this.pool = createPool(connection, WATCH_LIMITS);
    this.listener = new NotificationListener(connection, subscription.channel, () => {
      this.wasNotified = true;
      this.wake();
    });
  }

  /** Whether the database did not answer the last look. */
  get isDown(): boolean {
    return this.down;
  }

  /** Begins; the first look always counts as a change, so that nothing falls between loading and listening. */
  start(): void {
    this.listener.start();
    this.wake();
  }

  /** Ends, and waits for a callback that is running. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    this.listener.stop();
    // Not awaited: a server that hangs never acknowledges the end.
    void this.pool.end();
    await this.running;
  }

  /** Runs one round at a time; a call during a round makes another follow. */
  private wake(): void {
    clearTimeout(this.timer);
    if (this.running !== undefined) {
      this.again = true;
      return;
    }
    this.again = false;
    this.running = this.round().then((nextMs) => {
      this.running = undefined;
      if (!this.stopped) this.timer = setTimeout(() => this.wake(), this.again ? 0 : nextMs);
    });
  }

  /** Never rejects; gives the milliseconds until the next round. */
  private async round(): Promise<number> {
    try {
      const changed = await this.look();
      if (changed !== undefined && !this.stopped) {
        await this.subscription.onChange();
        this.seen = changed;
      }
      this.reportUp();
      return LOOK_MS;
    } catch (error) {
      if (!this.stopped) this.reportDown(error);
      return RETRY_MS;
    }
  }

  /** The new fingerprint where it is not the last one handled. */
  private async look(): Promise<string | undefined> {
    const wasNotified = this.wasNotified;
    this.wasNotified = false;
    const { rows } = await this.pool.query<string[]>({
      text: this.subscription.fingerprintSql,
      rowMode: 'array',
    });
    const fingerprint = rows[0]?.[0] ?? '';
    if (fingerprint === this.seen) return undefined;
    if (this.seen !== undefined && !wasNotified && !this.wasNotified) this.listener.renew();
    return fingerprint;
  }

  private reportDown(error: unknown): void {
    if (this.down) return;
    this.down = true;
    const { channel } = this.subscription;
    this.logger.warn({ channel, reason: describeFailure(error) }, 'Lost sight of changes in the database');
  }

  private reportUp(): void {
    if (!this.down) return;
    this.down = false;
    this.logger.info({ channel: this.subscription.channel }, 'Following changes in the database again');
  }
}
