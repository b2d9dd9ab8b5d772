import { migrate } from '../../../src/infra/prisma/migrations/migrations.js';
import { eventually } from '../../integration/support/eventually.js';
import { OwnRedis } from '../../integration/support/own-redis.js';
import { createThrowawayDatabase, type ThrowawayDatabase } from '../../integration/support/real-postgres.js';
import { RunningService } from './running-service.js';

/** All replicas open the keys that one of them stored. */
const KEYS = { AI_ENCRYPTION_KEY: 'k'.repeat(32), AI_ENCRYPTION_IV: 'i'.repeat(16) };

/** Processes with one PostgreSQL and one Redis, each with a data directory of its own. */
export class Replicas {
  private constructor(
    readonly all: RunningService[],
    readonly redis: OwnRedis,
    readonly database: ThrowawayDatabase,
    private readonly env: Record<string, string>,
  ) {}

  static async start(count: number, env: Record<string, string> = {}): Promise<Replicas> {
    const [redis, database] = await Promise.all([OwnRedis.start(), createThrowawayDatabase()]);
    await migrate({ connectionString: database.url });
    const replicas = new Replicas([], redis, database, {
      ...KEYS,
      REDIS_URL: redis.url,
      DATABASE_URL: database.url,
      ...env,
    });
    // One after the other: together they would be slower than the time a start may take on a busy machine.
    for (let n = 0; n < count; n += 1) replicas.all.push(await replicas.startOne());
    return replicas;
  }

  startOne(env: Record<string, string> = {}): Promise<RunningService> {
    return RunningService.start({ ...this.env, ...env });
  }

  /** A change made at one is in force at all within a second. */
  async untilKnown(providerId: string): Promise<void> {
    for (const replica of this.all)
      await eventually(5_000, async () => {
        const { status } = await replica.call('GET', `/ai-providers/${providerId}`);
        return status === 200;
      });
  }

  /** They take turns. */
  at(turn: number): RunningService {
    const replica = this.all[turn % this.all.length];
    if (replica === undefined) throw new Error('There is no replica');
    return replica;
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((replica) => replica.stop('SIGKILL')));
    await Promise.all([this.database.drop(), this.redis.stop()]);
  }
}
