import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { AIProvidersModule, AIRequestManagerService } from '../../src/index.js';
import { PrismaService } from '../../src/infra/prisma/prisma.service.js';
import { systemClock } from '../../src/infra/time/system-clock.js';
import { StatisticsRepository } from '../../src/modules/ai-providers/statistics/statistics.repository.js';
import { hostSettings, registerUpstream, startHost, type HostSettings } from '../e2e/support/nest-host.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { RecordingLogger } from './support/recording-logger.js';

describe('a service that records what it answers', () => {
  let settings: HostSettings;
  let upstream: FakeUpstream;

  beforeAll(async () => {
    [settings, upstream] = await Promise.all([hostSettings(), FakeUpstream.start()]);
  });

  afterAll(async () => {
    await upstream.stop();
    await settings.drop();
  });

  const startService = async (): Promise<INestApplication> =>
    startHost({ imports: [AIProvidersModule.forRoot(settings.options)] });

  it('has in the database, once it has stopped, all that it answered, what was in flight at the stop included', async () => {
    const app = await startService();
    await registerUpstream(app, upstream);
    const manager = app.get(AIRequestManagerService);
    await manager.complete({ prompt: 'first' });
    upstream.default({ answer: { text: 'slow answer', chunks: 4 }, eventDelayMs: 100 });
    const chunks = manager.streamComplete({ prompt: 'second' });
    await chunks.next();
    const closing = app.close();
    for await (const chunk of chunks) if (chunk.done) expect(chunk.content).toBe('');
    await closing;

    const { databaseUrl, dataDir } = settings.options;
    const database = new PrismaService(
      { databaseUrl: databaseUrl ?? undefined, dataDir: dataDir ?? '' },
      new RecordingLogger(),
    );
    await database.connect();
    try {
      const from = new Date(Date.now() - 3_600_000);
      const statistics = new StatisticsRepository(database, systemClock);
      const cells = await statistics.read({ from, to: new Date(), step: 'total', timezone: 'UTC' });
      const { promptTokens, completionTokens, answers } = upstream.bill;
      expect(cells).toMatchObject([{ model: 'test-model', successful: 2, streamed: 1, failed: 0 }]);
      expect(answers).toBe(2);
      expect([cells[0]?.promptTokens, cells[0]?.completionTokens].map(Number)).toEqual([
        promptTokens,
        completionTokens,
      ]);
    } finally {
      await database.close();
    }
    expect(await readdir(join(dataDir ?? '', 'journal'))).toEqual([]);
  }, 60_000);
});
