import { createHash } from 'node:crypto';
import type { RedisClientType } from 'redis';

/**
 * A Lua script, which Redis runs as one step that no other comes between. It is sent whole only where Redis does not
 * know it yet (https://redis.io/docs/latest/commands/evalsha/).
 */
export class RedisScript {
  private readonly digest: string;

  constructor(private readonly source: string) {
    this.digest = createHash('sha1').update(source).digest('hex');
  }

  /** What the script returns. */
  async run(client: RedisClientType, keys: string[], args: string[]): Promise<unknown> {
    const input = { keys, arguments: args };
    try {
      return await client.evalSha(this.digest, input);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return client.eval(this.source, input);
    }
  }
}
