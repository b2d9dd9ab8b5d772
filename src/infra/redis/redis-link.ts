import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ErrorReply, createClient, type RedisClientType } from 'redis';
import { ConfigError } from '../config/config.error.js';
import type { Logger } from '../logging/logger.interface.js';

/** How long a command may take; then Redis counts as away. */
export const COMMAND_TIMEOUT_MS = 100;

const CONNECT_TIMEOUT_MS = 1_000;
const LONGEST_RECONNECT_DELAY_MS = 1_000;
/** Between two looks at a Redis that hangs, and after how many of them the connection is given up for a new one. */
const LOOK_EVERY_MS = 200;
const LOOKS_A_CONNECTION = 15;
/** A command that is refused is refused again at every request. */
const LOG_REFUSALS_EVERY_MS = 60_000;
/** How long a start waits for it. */
const START_MS = 500;

/** The scripts and queues use keys of several slots at once, and the clients know one server. */
const CLUSTER_REFUSED =
  'REDIS_URL: expected a single Redis or the primary of a replicated one; it is a node of a Redis Cluster, which is not served';

/**
 * A connection to a Redis that may be away at any time, at the start or later, down or hanging: then nothing waits for it
 * longer than `COMMAND_TIMEOUT_MS` once, and not at all until it answers again. Each change is logged once.
 */
@Injectable()
export class RedisLink implements OnApplicationShutdown {
  readonly client: RedisClientType;
  private state: 'new' | 'up' | 'down' | 'closed' = 'new';
  private looking = false;
  private refusalLoggedAt = -Infinity;
  /** Undefined until Redis has said so. */
  private isCluster: boolean | undefined;

  constructor(
    url: string,
    private readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>,
  ) {
    this.client = createClient({
      url,
      disableOfflineQueue: true,
      socket: {
        connectTimeout: CONNECT_TIMEOUT_MS,
        reconnectStrategy: (retries) => Math.min(LONGEST_RECONNECT_DELAY_MS, 50 * 2 ** Math.min(retries, 10)),
      },
    });
    this.client.on('error', (error: unknown) => this.isDown(error));
    this.client.on('reconnecting', () => this.isDown(new Error('the connection was lost')));
    this.client.on('ready', () => {
      this.isUp();
      void this.lookForCluster();
    });
  }

  /**
   * Begins to connect; resolves when it is there, or when a start should not wait any longer.
   * @throws ConfigError where it is there and cannot be used; one that comes later is logged and left alone
   */
  async open(): Promise<void> {
    const timer = new AbortController();
    // While Redis does not answer, the client goes on trying and this promise does not settle.
    const connected = this.connect();
    const late = new Promise<void>((resolve) => {
      const timeout = setTimeout(resolve, START_MS);
      timer.signal.addEventListener('abort', () => clearTimeout(timeout));
    });
    await Promise.race([connected, late]);
    timer.abort();
    if (!this.isAvailable) return this.isDown(new Error(`no connection within ${START_MS} ms`));
    await this.lookForCluster();
    if (this.isCluster) throw new ConfigError([CLUSTER_REFUSED]);
  }

  /** Whether it is worth asking. */
  get isAvailable(): boolean {
    return this.state === 'up';
  }

  /**
   * What `command` gives; undefined where Redis does not answer in time, refuses the command, or is known to be away.
   * Never rejects.
   */
  async run<T>(command: (client: RedisClientType) => Promise<T>): Promise<T | undefined> {
    if (!this.isAvailable) return undefined;
    const timedOut = Symbol('timed out');
    let timeout: NodeJS.Timeout | undefined;
    const late = new Promise<typeof timedOut>((resolve) => {
      timeout = setTimeout(() => {
        // Where it was this process that stood still the reply may be waiting to be read.
        void nextTurn()
          .then(() => nextTurn())
          .then(() => resolve(timedOut));
      }, COMMAND_TIMEOUT_MS);
    });
    const asked = command(this.client);
    try {
      const answer = await Promise.race([asked, late]);
      if (answer !== timedOut) return answer;
      asked.catch(() => undefined);
      this.isDown(new Error(`no answer within ${COMMAND_TIMEOUT_MS} ms`));
      void this.look();
      return undefined;
    } catch (error) {
      if (error instanceof ErrorReply) this.isRefused(error);
      else {
        this.isDown(error);
        if (this.client.isReady) void this.look();
      }
      return undefined;
    } finally {
      clearTimeout(timeout);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    this.state = 'closed';
    if (this.client.isOpen) await this.client.disconnect();
  }

  /** A Redis that keeps `INFO` from us is taken for a single one. */
  private async lookForCluster(): Promise<void> {
    if (this.isCluster !== undefined) return;
    const info = await this.run((client) => client.info('cluster'));
    if (info === undefined || this.isCluster !== undefined) return;
    this.isCluster = info.includes('cluster_enabled:1');
    if (!this.isCluster) return;
    this.logger.error({}, CLUSTER_REFUSED);
    await this.onApplicationShutdown();
  }

  private connect(): Promise<void> {
    return this.client.connect().then(
      () => undefined,
      (error: unknown) => this.isDown(error),
    );
  }

  /** Asks a Redis that hangs until it answers, and takes a new connection where this one never does. */
  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    let looks = 0;
    let answered = this.ping();
    while (this.state === 'down') {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS).unref());
      if (await Promise.race([answered, Promise.resolve(false)])) this.isUp();
      else if ((looks += 1) % LOOKS_A_CONNECTION === 0) {
        if (this.client.isOpen) await this.client.disconnect().catch(() => undefined);
        void this.connect();
        answered = this.ping();
      } else if (looks % 5 === 0) answered = this.ping();
    }
    this.looking = false;
  }

  private ping(): Promise<boolean> {
    return this.client.ping().then(
      () => true,
      () => false,
    );
  }

  /** It answers, only not this: out of memory, say, or a replica that takes no writes. */
  private isRefused(err: ErrorReply): void {
    if (performance.now() - this.refusalLoggedAt < LOG_REFUSALS_EVERY_MS) return;
    this.refusalLoggedAt = performance.now();
    this.logger.warn({ err }, 'Redis refuses a command: this replica goes on by itself');
  }

  private isUp(): void {
    if (this.state === 'up' || this.state === 'closed') return;
    this.state = 'up';
    this.logger.info({}, 'Redis is there');
  }

  private isDown(err: unknown): void {
    if (this.state === 'down' || this.state === 'closed') return;
    this.state = 'down';
    this.logger.warn({ err }, 'Redis is away: this replica goes on by itself');
  }
}
