import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { migrate } from '../../../src/infra/prisma/migrations/migrations.js';
import { createThrowawayDatabase } from '../../integration/support/real-postgres.js';
import { hasServices } from '../../services/with-services.js';

/** What a caller gets back. */
export interface Answer<T = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: T;
  text: string;
}

const START_TIMEOUT_MS = 90_000;

/** Retries quickly, so that tests of failures are short, and answers nothing from the cache. */
const QUICK: Readonly<Record<string, string>> = {
  AI_RETRY_INITIAL_DELAY_MS: '10',
  // Most tests send the same prompt again and mean it to be asked again.
  AI_CACHE_TTL_SECONDS: '0',
};

/** The built service in a process of its own, on a database of its own. */
export class RunningService {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    private readonly cleanUp: () => Promise<void>,
    output: () => string,
  ) {
    this.output = output;
  }

  /** Everything the process has printed. */
  readonly output: () => string;

  /** On a real PostgreSQL where there is one, on the embedded one otherwise or with `embedded`. */
  static async start(env: Record<string, string> = {}, { embedded = false } = {}): Promise<RunningService> {
    const dataDir = await mkdtemp(join(tmpdir(), 'ai-providers-e2e-'));
    const isGiven = embedded || env['DATABASE_URL'] !== undefined;
    const database = !isGiven && hasServices('PostgreSQL') ? await createThrowawayDatabase() : undefined;
    if (database) await migrate({ connectionString: database.url });
    let isClean = false;
    const cleanUp = async (): Promise<void> => {
      if (isClean) return;
      isClean = true;
      await database?.drop();
      await rm(dataDir, { recursive: true, force: true });
    };
    const child = spawnService({
      ...QUICK,
      AI_DATA_DIR: dataDir,
      PORT: '0',
      ...(database && { DATABASE_URL: database.url }),
      ...env,
    });
    const printed = collect(child);
    try {
      return new RunningService(child, await listeningUrl(child, printed), cleanUp, printed);
    } catch (error) {
      await cleanUp();
      throw error;
    }
  }

  /** Sent with every call. */
  readonly headers: Record<string, string> = {};

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...this.headers,
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parse(text) as T };
  }

  /** The exit code, once the process has ended. */
  ended(): Promise<number | null> {
    return exitCode(this.child);
  }

  /** Asks the process to stop and gives its exit code; one that has ended already is cleaned up after. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const ended = exitCode(this.child);
    this.child.kill(signal);
    const code = await ended;
    await this.cleanUp();
    return code;
  }
}

/** Starts the built service, or another program of it; for starts that are meant to fail, and what does not listen. */
export function spawnService(env: Record<string, string>, program = 'dist/main.js'): ChildProcess {
  return spawn(process.execPath, [program], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** What a process prints, as it grows. */
export function collect(child: ChildProcess): () => string {
  let text = '';
  const add = (chunk: Buffer): void => {
    text += chunk.toString();
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return () => text;
}

/** The exit code of a process, once it has one. */
export async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  return new Promise((resolve) => child.once('close', (code) => resolve(code)));
}

async function listeningUrl(child: ChildProcess, printed: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`The service did not start:\n${printed()}`));
    }, START_TIMEOUT_MS);
    child.once('close', () => {
      clearTimeout(timer);
      reject(new Error(`The service ended at start:\n${printed()}`));
    });
    child.stdout?.on('data', () => {
      const url = /Listening on (http:\/\/[^\s"]+)/.exec(printed())?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
