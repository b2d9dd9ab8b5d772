import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createClient } from 'redis';

/** The Redis that tests may share; each keeps to a prefix of its own. */
export const REDIS_URL = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379';

/**
 * Whether a real Redis is there. Under `CI=true` its absence is an error; on a newcomer's machine it is said on stderr
 * and the tests that need it are left out.
 */
export async function hasRealRedis(): Promise<boolean> {
  const client = createClient({
    url: REDIS_URL,
    socket: { reconnectStrategy: false, connectTimeout: 2_000 },
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.disconnect();
    return true;
  } catch (error) {
    if (process.env['CI'] === 'true') {
      throw new Error('CI=true asks for a real Redis and there is none', { cause: error });
    }
    process.stderr.write('No Redis at TEST_REDIS_URL: the tests on it are left out\n');
    return false;
  }
}

/** A prefix that nobody else has. */
export function ownPrefix(): string {
  return `test-${randomBytes(8).toString('hex')}:`;
}

/** A Redis of a test's own, to be stopped, frozen and started again on the same port. */
export class OwnRedis {
  private child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly directory: string,
  ) {}

  static async start(): Promise<OwnRedis> {
    const redis = new OwnRedis(await freePort(), await mkdtemp(join(tmpdir(), 'ai-providers-redis-')));
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Begins empty: nothing is kept over a stop. */
  async start(): Promise<void> {
    const options = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const child = spawn('redis-server', [...options, '--dir', this.directory], { stdio: 'pipe' });
    this.child = child;
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', () => reject(new Error('redis-server ended at its start')));
      child.stdout.on('data', (printed: Buffer) => {
        if (printed.toString().includes('Ready to accept connections')) resolve();
      });
    });
  }

  /** Ends it as a crash would. */
  async stop(): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    this.child = undefined;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** It keeps its connections and answers nothing. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
