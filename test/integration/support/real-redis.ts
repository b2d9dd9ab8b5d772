import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { describeWith } from '../../services/with-services.js';

/** The Redis that tests may share; each keeps to a prefix of its own. */
export const REDIS_URL = process.env['TEST_REDIS_URL'] ?? '';

/** Makes a suite twice: on what a process keeps in memory, and on Redis, where that is there. */
export function describeOnStores<Make>(
  title: string,
  makes: { memory: Make; redis: Make },
  suite: (make: Make) => void,
): void {
  describe(`${title} in memory`, () => suite(makes.memory));
  describeWith('Redis')(`${title} in Redis`, () => suite(makes.redis));
}

/** A prefix that nobody else has. */
export function ownPrefix(): string {
  return `test-${randomBytes(8).toString('hex')}:`;
}
