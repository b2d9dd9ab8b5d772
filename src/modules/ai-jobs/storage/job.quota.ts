import type { QueueConnection } from '../../../infra/redis/queue-connection.js';
import { QUEUE_PREFIX } from './job-queue.names.js';

/** What one caller may have queued or worked on at once. */
export interface JobBounds {
  jobs: number;
  /** Of the requests, as they are kept. */
  bytes: number;
}

/** Whether a held job is there no longer, or has ended. */
export type EndedJobs = (ids: readonly string[]) => Promise<string[]>;

/** Each field is a job with its bytes; the empty one is the sum of all. */
const RESERVE = `
if redis.call('hexists', KEYS[1], ARGV[1]) == 1 then return 1 end
local sum = tonumber(redis.call('hget', KEYS[1], '') or '0')
local jobs = redis.call('hlen', KEYS[1]) - redis.call('hexists', KEYS[1], '')
if jobs + 1 > tonumber(ARGV[3]) or sum + tonumber(ARGV[2]) > tonumber(ARGV[4]) then return 0 end
redis.call('hset', KEYS[1], ARGV[1], ARGV[2])
redis.call('hincrby', KEYS[1], '', ARGV[2])
return 1`;

const RELEASE = `
local bytes = redis.call('hget', KEYS[1], ARGV[1])
if not bytes then return end
redis.call('hdel', KEYS[1], ARGV[1])
redis.call('hincrby', KEYS[1], '', -bytes)
if redis.call('hlen', KEYS[1]) == 1 then redis.call('del', KEYS[1]) end`;

/**
 * Counts what each caller has queued or worked on, over all processes, so that no caller fills Redis for the others. What a
 * process that died did not give back is found when the bound is met. Rejects as the connection does.
 */
export class JobQuota {
  constructor(
    private readonly connection: QueueConnection,
    private readonly bounds: JobBounds,
    private readonly endedOf: EndedJobs,
  ) {}

  /** Takes room for a job of so many bytes; false where its caller has none left. Twice for one id takes it once. */
  async reserve(owner: string | null, id: string, bytes: number): Promise<boolean> {
    if (await this.take(owner, id, bytes)) return true;
    const held = await this.connection.client.hkeys(keyOf(owner));
    const ended = await this.endedOf(held.filter((field) => field !== ''));
    for (const each of ended) await this.release(owner, each);
    return ended.length > 0 && this.take(owner, id, bytes);
  }

  /** Gives a job's room back; of one that holds none it changes nothing. */
  async release(owner: string | null, id: string): Promise<void> {
    await this.connection.client.eval(RELEASE, 1, keyOf(owner), id);
  }

  private async take(owner: string | null, id: string, bytes: number): Promise<boolean> {
    const { jobs, bytes: most } = this.bounds;
    return (await this.connection.client.eval(RESERVE, 1, keyOf(owner), id, bytes, jobs, most)) === 1;
  }
}

function keyOf(owner: string | null): string {
  return `${QUEUE_PREFIX}:held:${owner ?? ''}`;
}
