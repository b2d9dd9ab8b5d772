import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../logging/logger.interface.js';

/** How long a command that a caller waits for may take. */
const COMMAND_TIMEOUT_MS = 400;
const CONNECT_TIMEOUT_MS = 1_000;
const LONGEST_RECONNECT_DELAY_MS = 1_000;

const RECONNECTING: RedisOptions = {
  connectTimeout: CONNECT_TIMEOUT_MS,
  retryStrategy: (tries) => Math.min(LONGEST_RECONNECT_DELAY_MS, 50 * 2 ** Math.min(tries, 10)),
};

/** Redis is away, or refuses to work. */
export class QueueAwayError extends Error {
  override readonly name = 'QueueAwayError';
}

/**
 * Connections to the Redis that holds queues, which may be away at any time. Whoever answers a caller uses `client`, which
 * fails at once or within `COMMAND_TIMEOUT_MS`; whoever works through a queue takes one that waits for Redis to come back.
 * Each change is logged once.
 */
export class QueueConnection {
  readonly client: Redis;
  private readonly waiting: Redis[] = [];
  private state: 'up' | 'away' | 'closed' = 'up';

  constructor(
    private readonly url: string,
    private readonly logger: Pick<Logger, 'info' | 'warn'>,
  ) {
    this.client = new Redis(url, {
      ...RECONNECTING,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: COMMAND_TIMEOUT_MS,
    });
    this.client.on('error', (error: unknown) => this.isAway(error));
    this.client.on('close', () => this.isAway(new Error('the connection was lost')));
    this.client.on('ready', () => this.isBack());
  }

  /** A further connection, on which commands wait for Redis to come back. */
  openWaiting(): Redis {
    const connection = new Redis(this.url, { ...RECONNECTING, maxRetriesPerRequest: null });
    // `client` says it.
    connection.on('error', () => undefined);
    this.waiting.push(connection);
    return connection;
  }

  /** What `work`, which uses `client`, gives. @throws QueueAwayError where Redis does not do it */
  async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.isBack();
      return result;
    } catch (error) {
      this.isAway(error);
      throw new QueueAwayError('Redis does not answer', { cause: error });
    }
  }

  /** Ends all connections at once. */
  close(): void {
    this.state = 'closed';
    for (const connection of [this.client, ...this.waiting]) connection.disconnect();
  }

  private isBack(): void {
    if (this.state !== 'away') return;
    this.state = 'up';
    this.logger.info({}, 'Redis is there: jobs are taken and worked on');
  }

  private isAway(err: unknown): void {
    if (this.state !== 'up') return;
    this.state = 'away';
    this.logger.warn({ err }, 'Redis is away: jobs wait until it is back');
  }
}
