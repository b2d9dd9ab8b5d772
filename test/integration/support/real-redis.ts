import { randomBytes } from 'node:crypto';
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
