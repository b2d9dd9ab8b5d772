import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { platform } from 'node:process';
import { Worker } from 'node:worker_threads';
import type pg from 'pg';
import { makeDataDirectory } from '../../data-directory/data-directory.js';
import { withPackages } from '../../optional-packages.js';
import { describeFailure } from '../database-address.js';
import { LOCK_DIRECTORY, lockDirectory } from './directory-lock.js';
import type { DirectoryLock } from './directory-lock.js';

/** Longest path a Unix socket takes on every system: macOS has room for 104 bytes, its end included. */
const LONGEST_SOCKET_PATH = 103;

/** Closing writes a checkpoint; past this the worker is ended as a crash would, which loses nothing acknowledged. */
const STOP_WITHIN_MS = 10_000;

/** What `pg` looks for in the directory it is given as host, for port 5432. */
const SOCKET_NAME = '.s.PGSQL.5432';

/** The cluster's folder in the data directory. */
const CLUSTER = 'postgres';

type WorkerReport = { ready: true; address: string } | { ready: false; reason: string };

interface Listening {
  worker: Worker;
  connection: pg.PoolConfig;
}

/**
 * PostgreSQL compiled to WebAssembly (PGlite) in a thread of this process, reached like any server. Only one process
 * at a time can have a data directory. It listens on a Unix socket that only this user can reach; on Windows, which
 * has none for `pg`, on a free loopback port.
 */
export class EmbeddedPostgres {
  private constructor(
    /** What to give to `pg` to reach it. */
    readonly connection: pg.PoolConfig,
    private readonly worker: Worker,
    private readonly release: () => Promise<void>,
  ) {}

  /**
   * Opens `<dataDir>/postgres`, making it on the first start (5–10 s; later about 1.5 s). `dataDir: null` keeps all in
   * memory. Throws an Error of one line when another process has the directory or the files cannot be opened.
   */
  static async start(options: { dataDir: string | null }): Promise<EmbeddedPostgres> {
    const dataDir = options.dataDir === null ? null : resolve(options.dataDir);
    let lock: DirectoryLock | undefined;
    if (dataDir !== null) {
      await makeDataDirectory(dataDir);
      lock = await lockDirectory(dataDir);
    }
    const place = await makeSocketPlace(dataDir);
    const release = async (): Promise<void> => {
      await place.remove();
      await lock?.release();
    };
    try {
      const { worker, connection } = await withPackages('A database without DATABASE_URL', () =>
        listen(dataDir, place.directory),
      );
      return new EmbeddedPostgres(connection, worker, release);
    } catch (error) {
      await release();
      const where = dataDir ?? 'memory';
      throw new Error(`The embedded database in ${where} does not start: ${describeFailure(error)}`, {
        cause: error,
      });
    }
  }

  /** Whether `<dataDir>/postgres` has been made. */
  static isMade(dataDir: string): boolean {
    return existsSync(join(resolve(dataDir), CLUSTER, 'PG_VERSION'));
  }

  /** Closes the files and gives the data directory free. Connections must have been closed before. */
  async stop(): Promise<void> {
    const ended = new Promise<void>((done) => this.worker.once('exit', () => done()));
    const timer = setTimeout(() => void this.worker.terminate(), STOP_WITHIN_MS);
    this.worker.postMessage('stop');
    await ended;
    clearTimeout(timer);
    await this.release();
  }
}

/**
 * A directory of this user alone for the socket: the one of the lock, which its holder may clear of what a killed
 * process left, or a new one where that path is too long or there is no data directory.
 */
async function makeSocketPlace(
  dataDir: string | null,
): Promise<{ directory: string; remove(): Promise<void> }> {
  if (dataDir !== null && fits(join(dataDir, LOCK_DIRECTORY, SOCKET_NAME))) {
    const directory = join(dataDir, LOCK_DIRECTORY);
    const remove = (): Promise<void> => rm(join(directory, SOCKET_NAME), { force: true });
    await remove();
    return { directory, remove };
  }
  const directory = await mkdtemp(join(tmpdir(), 'aip-'));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

function fits(socketPath: string): boolean {
  return Buffer.byteLength(socketPath) <= LONGEST_SOCKET_PATH;
}

async function listen(dataDir: string | null, socketDir: string): Promise<Listening> {
  const socketPath = join(socketDir, SOCKET_NAME);
  const unixSocket = platform !== 'win32' && fits(socketPath);
  const worker = new Worker(new URL('./embedded-postgres.worker.js', import.meta.url), {
    workerData: {
      directory: dataDir === null ? null : join(dataDir, CLUSTER),
      ...(unixSocket ? { path: socketPath } : { host: '127.0.0.1' }),
    },
  });
  const report = await new Promise<WorkerReport>((done, fail) => {
    worker.once('message', done);
    worker.once('error', fail);
    worker.once('exit', (code) => fail(new Error(`its thread ended with code ${code}`)));
  });
  if (!report.ready) throw new Error(report.reason);
  const address = unixSocket
    ? { host: socketDir, port: 5432 }
    : { host: '127.0.0.1', port: Number(report.address.split(':').at(-1)) };
  return { worker, connection: { ...address, user: 'postgres', database: 'postgres', ssl: false } };
}
