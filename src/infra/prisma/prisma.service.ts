import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import { PrismaClient } from '../../generated/prisma/client.js';
import { ChangeListener } from './change-listener.js';
import type { ChangeSubscription } from './change-listener.js';
import { createPool, EMBEDDED_LIMITS, SERVER_LIMITS } from './connection-pool.js';
import { describeAddress, describeFailure } from './database-address.js';
import { schemaOf } from './database-schema.js';
import { DATABASE_LOGGER, DATABASE_OPTIONS } from './database-options.js';
import type { DatabaseLogger, DatabaseOptions } from './database-options.js';
import { EmbeddedPostgres } from './embedded/embedded-postgres.js';
import { readMigrationState } from './migrations/migrations.js';
import { prepareEmbedded } from './embedded/prepare-embedded.js';
import { within } from './time-bound.js';

/** How long a readiness probe may take. */
const PROBE_MS = 2_000;

/** How long connections may take to close. */
const CLOSE_MS = 2_000;

/** What may be done within a transaction. */
export type Transaction = Pick<pg.ClientBase, 'query'>;

/**
 * The database, from `connect()` to `close()`: the Prisma client, the pool under it and, without a `databaseUrl`, the
 * embedded server below that.
 */
@Injectable()
export class PrismaService implements OnApplicationShutdown {
  private embedded: EmbeddedPostgres | undefined;
  private pool: pg.Pool | undefined;
  private prisma: PrismaClient | undefined;
  private readonly listeners = new Set<ChangeListener>();

  constructor(
    @Inject(DATABASE_OPTIONS) private readonly options: DatabaseOptions,
    @Inject(DATABASE_LOGGER) private readonly logger: DatabaseLogger,
  ) {}

  /** The client; throws before `connect()` and after `close()`. */
  get client(): PrismaClient {
    if (this.prisma === undefined) throw new Error('The database is not connected');
    return this.prisma;
  }

  /** Whether the last look for changes failed; always false for the embedded database and where no changes are followed. */
  get isAway(): boolean {
    return [...this.listeners].some(({ isDown }) => isDown);
  }

  /** Whether the data lives in this process. */
  get isEmbedded(): boolean {
    return this.options.databaseUrl === undefined;
  }

  /**
   * Reaches the database. The embedded one is made and migrated as needed; a server must have all migrations. Throws an
   * Error of one line that names the address, never the password, and leaves nothing open.
   */
  async connect(): Promise<void> {
    try {
      await (this.options.databaseUrl === undefined
        ? this.connectEmbedded(this.options.dataDir)
        : this.connectServer({ connectionString: this.options.databaseUrl }));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /**
   * What `work` gives, all of it in one transaction, within `ms` milliseconds from when a connection of the pool is free:
   * past Prisma, for what is written often and at length (docs/decisions/0009-request-log-past-prisma.md).
   * @throws what `work` and pg throw, and DatabaseTimeoutError; then nothing is kept, unless what was lost is the answer to
   * the COMMIT
   */
  async transaction<T>(ms: number, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    if (this.pool === undefined) throw new Error('The database is not connected');
    const connection = await this.pool.connect();
    // The query in flight fails with it; without a listener it would be an uncaught exception as well.
    const heard = (): void => undefined;
    connection.on('error', heard);
    let isUsable = false;
    try {
      const result = await within(ms, async () => {
        await connection.query('BEGIN');
        const given = await work(connection);
        const { command } = await connection.query('COMMIT');
        // So the server answers where a statement failed and `work` did not say so.
        if (command !== 'COMMIT') throw new Error('A statement of the transaction had failed');
        return given;
      });
      isUsable = true;
      return result;
    } finally {
      // A server rolls back what a connection had begun that ends.
      connection.release(!isUsable);
      if (isUsable) connection.off('error', heard);
    }
  }

  /** Whether the database answers now; says so within 2 s. */
  async isUp(): Promise<boolean> {
    try {
      const pool = this.pool;
      if (pool === undefined) return false;
      await within(PROBE_MS, () => pool.query('SELECT 1'));
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Calls `onChange` when the answer of `fingerprintSql` has changed, in this process or another: within 1 s on a server, and
   * once at the start. Does nothing on the embedded database, which no other process can change. `channel` is where the
   * tables' triggers notify.
   */
  subscribe(subscription: ChangeSubscription): void {
    if (this.options.databaseUrl === undefined) return;
    const listener = new ChangeListener(
      { connectionString: this.options.databaseUrl },
      subscription,
      this.logger,
    );
    this.listeners.add(listener);
    listener.start();
  }

  /** Ends subscriptions, closes connections, then stops the embedded server. Twice does nothing more. */
  async close(): Promise<void> {
    const { pool, prisma, embedded } = this;
    this.pool = undefined;
    this.prisma = undefined;
    this.embedded = undefined;
    await Promise.all([...this.listeners].map((listener) => listener.stop()));
    this.listeners.clear();
    await prisma?.$disconnect();
    // A connection whose server hangs would keep the pool from ending.
    if (pool !== undefined) await within(CLOSE_MS, () => pool.end()).catch(() => undefined);
    await embedded?.stop();
  }

  /** The last of Nest's shutdown hooks, so that others can still write in theirs. */
  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  /** Takes most of a second on a busy processor: no part of the time a first call is given. */
  private loadQueryCompiler(): Promise<void> {
    return this.client.$connect();
  }

  private async connectEmbedded(dataDir: string): Promise<void> {
    if (!EmbeddedPostgres.isMade(dataDir)) {
      this.logger.info(
        { dataDir },
        'Making the embedded database; this takes some seconds, and only at the first start',
      );
      await prepareEmbedded(dataDir);
    }
    if (await this.openEmbedded(dataDir)) return;
    await this.close();
    this.logger.info({ dataDir }, 'Bringing the embedded database up to date');
    await prepareEmbedded(dataDir);
    await this.openEmbedded(dataDir);
  }

  /** Whether it has all migrations. */
  private async openEmbedded(dataDir: string): Promise<boolean> {
    this.embedded = await EmbeddedPostgres.start({ dataDir });
    const { connection } = this.embedded;
    const pool = createPool(connection, EMBEDDED_LIMITS);
    this.open(pool, schemaOf(connection));
    const { pending, failed } = await readMigrationState(pool);
    if (pending.length + failed.length > 0) return false;
    await this.loadQueryCompiler();
    return true;
  }

  private async connectServer(connection: pg.PoolConfig): Promise<void> {
    const address = describeAddress(connection);
    const pool = createPool(connection, SERVER_LIMITS);
    this.open(pool, schemaOf(connection));
    const cannotReach = (error: unknown): never => {
      throw new Error(`Cannot reach the database at ${address}: ${describeFailure(error)}`);
    };
    const state = await readMigrationState(pool).catch(cannotReach);
    if (state.failed.length > 0) {
      throw new Error(
        `The database at ${address} holds a migration that failed (${state.failed.join(', ')}); repair it and run: npm run prisma:migrate (npx ai-providers migrate in a host application)`,
      );
    }
    if (state.pending.length > 0) {
      throw new Error(
        `The database at ${address} lacks migrations (${state.pending.join(', ')}); run: npm run prisma:migrate (npx ai-providers migrate in a host application)`,
      );
    }
    await this.loadQueryCompiler().catch(cannotReach);
  }

  private open(pool: pg.Pool, schema: string): void {
    this.pool = pool;
    this.prisma = new PrismaClient({ adapter: new PrismaPg(pool, { schema }) });
  }
}
