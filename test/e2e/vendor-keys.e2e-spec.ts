import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../src/infra/prisma/migrations/migrations.js';
import type { AIProviderView } from '../../src/modules/ai-providers/interfaces/ai-provider.interface.js';
import { createThrowawayDatabase } from '../integration/support/real-postgres.js';
import { describeWith } from '../services/with-services.js';
import { RunningService, type Answer } from './support/running-service.js';

const onServer = describeWith('PostgreSQL');

onServer('a vendor’s key in the environment', () => {
  let dataDir: string;
  let database: Awaited<ReturnType<typeof createThrowawayDatabase>>;
  let service: RunningService | undefined;

  beforeAll(async () => {
    [dataDir, database] = await Promise.all([
      mkdtemp(join(tmpdir(), 'ai-providers-keys-')),
      createThrowawayDatabase(),
    ]);
    await migrate({ connectionString: database.url });
  }, 60_000);

  afterEach(async () => {
    await service?.stop();
    service = undefined;
  });

  afterAll(async () => {
    await Promise.all([database.drop(), rm(dataDir, { recursive: true, force: true })]);
  });

  async function start(env: Record<string, string>): Promise<RunningService> {
    service = await RunningService.start({ DATABASE_URL: database.url, AI_DATA_DIR: dataDir, ...env });
    return service;
  }

  async function hints(of: RunningService): Promise<Record<string, string | null>> {
    const { body } = await of.call<AIProviderView[]>('GET', '/ai-providers');
    return Object.fromEntries(body.map(({ name, apiKeyHint }) => [name, apiKeyHint]));
  }

  it('is used by providers without one of their own, at the vendor’s host alone, and followed when it changes', async () => {
    const register = (more: object): Promise<Answer<AIProviderView & { message: string[] }>> =>
      first.call('POST', '/ai-providers', { name: 'Silent', type: 'OPENAI', model: 'm', ...more });
    const first = await start({ OPENAI_API_KEY: ' sk-first-key-000000001111 ' });
    expect((await register({})).body).toMatchObject({ apiKeyHint: '…1111' });
    expect((await register({ name: 'Own', apiKey: ' sk-own-key-0000000000003333 ' })).status).toBe(201);
    for (const elsewhere of [{ endpoint: 'https://llm.example.com/v1' }, { type: 'ANTHROPIC' }]) {
      const refused = await register(elsewhere);
      expect(refused.status).toBe(400);
      expect(refused.body.message).toEqual([expect.stringMatching(/^apiKey /)]);
    }
    expect((await register({ name: 'Spelt out', endpoint: 'https://api.openai.com/v1/' })).status).toBe(201);
    const known = await hints(first);
    expect(known).toEqual({ OpenAI: '…1111', Silent: '…1111', Own: '…3333', 'Spelt out': '…1111' });
    await first.stop();

    const second = await start({ OPENAI_API_KEY: 'sk-second-key-00000002222' });
    expect(await hints(second)).toEqual({
      OpenAI: '…2222',
      Silent: '…2222',
      Own: '…3333',
      'Spelt out': '…2222',
    });
    await second.stop();

    const third = await start({});
    expect(await hints(third)).toEqual({ OpenAI: null, Silent: null, Own: '…3333', 'Spelt out': null });
    expect(third.output()).toContain('OPENAI_API_KEY is not set');
    const { rows } = await dump();
    expect(rows).not.toContain('sk-first');
    expect(rows).not.toContain('sk-second');
  }, 180_000);

  async function dump(): Promise<{ rows: string }> {
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query('SELECT * FROM "AIProvider"');
    await client.end();
    return { rows: JSON.stringify(rows) };
  }
});
