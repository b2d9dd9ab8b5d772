import { Redis, ReplyError, type RedisOptions } from 'ioredis';
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
 * Connections to the Redis that holds queues, which may be away at any time. Code that answers a caller uses `client`, which
 * fails at once or within `COMMAND_TIMEOUT_MS`; a worker on a queue takes a connection that waits for Redis to come back.
 * The process's `RedisLink` logs that Redis is away or back; this class logs what Redis refuses, once until it takes something.
 */
export class QueueConnection {
  readonly client: Redis;
  private readonly waiting: Redis[] = [];
  private isRefused = false;

  constructor(
    private readonly url: string,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {
    this.client = new Redis(url, {
      ...RECONNECTING,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: COMMAND_TIMEOUT_MS,
    });
    this.client.on('error', () => undefined);
  }

  /** A further connection, on which commands wait for Redis to come back. */
  openWaiting(): Redis {
    const connection = new Redis(this.url, { ...RECONNECTING, maxRetriesPerRequest: null });
    connection.on('error', () => undefined);
    this.waiting.push(connection);
    return connection;
  }

  /** What `work`, which uses `client`, gives. @throws QueueAwayError where Redis does not do it */
  async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.isRefused = false;
      return result;
    } catch (error) {
      if (error instanceof ReplyError) this.sayRefused(error as Error);
      throw new QueueAwayError('Redis does not answer', { cause: error });
    }
  }

  /** Ends all connections at once. */
  close(): void {
    for (const connection of [this.client, ...this.waiting]) connection.disconnect();
  }

  private sayRefused(err: Error): void {
    if (!this.isRefused) this.logger.warn({ err }, 'Redis refuses jobs');
    this.isRefused = true;
  }
}
