import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate } from '../../src/infra/prisma/migrations.js';
import { PrismaService } from '../../src/infra/prisma/prisma.service.js';
import { AIProviderRepository } from '../../src/modules/ai-providers/persistence/ai-provider.repository.js';
import { providerRow } from './support/provider-row.fixture.js';
import { createThrowawayDatabase, hasRealPostgres } from './support/real-postgres.js';
import { RecordingLogger } from './support/recording-logger.js';

interface Place {
  database: PrismaService;
  close: () => Promise<void>;
}

async function openEmbedded(): Promise<Place> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ai-providers-test-'));
  const database = new PrismaService({ dataDir }, new RecordingLogger());
  await database.connect();
  const close = async (): Promise<void> => {
    await database.close();
    await rm(dataDir, { recursive: true });
  };
  return { database, close };
}

async function openServer(): Promise<Place> {
  const { url, drop } = await createThrowawayDatabase();
  await migrate({ connectionString: url });
  const database = new PrismaService({ databaseUrl: url, dataDir: '' }, new RecordingLogger());
  await database.connect();
  const close = async (): Promise<void> => {
    await database.close();
    await drop();
  };
  return { database, close };
}

const places: [string, () => Promise<Place>][] = [['the embedded database', openEmbedded]];
if (await hasRealPostgres()) places.push(['PostgreSQL', openServer]);

describe.each(places)('AIProviderRepository on %s', (_name, open) => {
  let place: Place;
  let repository: AIProviderRepository;

  beforeAll(async () => {
    place = await open();
    repository = new AIProviderRepository(place.database);
  }, 120_000);

  afterEach(async () => {
    await place.database.client.aIProvider.deleteMany();
  });

  afterAll(() => place.close());

  it('gives back every field as it was stored', async () => {
    const row = providerRow();
    const stored = await repository.create(row);
    expect(stored).toMatchObject(row);
    expect(await repository.findById(stored.id)).toEqual(stored);
    expect(Math.abs(Date.now() - stored.createdAt.getTime())).toBeLessThan(10_000);
  });

  it('gives back null for every optional field left empty', async () => {
    const row = providerRow({
      endpoint: null,
      encryptedApiKey: null,
      apiKeyHint: null,
      topP: null,
      topK: null,
      frequencyPenalty: null,
      presencePenalty: null,
      stopSequences: null,
      rateLimit: null,
      maxConcurrency: null,
      pricing: null,
      contextWindow: null,
    });
    expect(await repository.create(row)).toMatchObject(row);
  });

  it('keeps an empty list of stop sequences apart from none', async () => {
    const { id } = await repository.create(providerRow({ stopSequences: [] }));
    expect((await repository.findById(id))?.stopSequences).toEqual([]);
    expect((await repository.update(id, { stopSequences: null }))?.stopSequences).toBeNull();
  });

  it('keeps the id it is given and answers null for one it does not have', async () => {
    const { id } = await repository.create(providerRow({ id: 'chosen' }));
    expect(id).toBe('chosen');
    expect(await repository.findById('not a uuid')).toBeNull();
  });

  it('lists highest priority first, deactivated ones included', async () => {
    await repository.create(providerRow({ name: 'low', priority: -1 }));
    await repository.create(providerRow({ name: 'high', priority: 5, isActive: false }));
    await repository.create(providerRow({ name: 'middle', priority: 0 }));
    expect((await repository.findAll()).map(({ name }) => name)).toEqual(['high', 'middle', 'low']);
  });

  it('changes only what is given', async () => {
    const before = await repository.create(providerRow());
    const after = await repository.update(before.id, { name: 'new', pricing: null, rateLimit: undefined });
    expect(after).toEqual({
      ...before,
      name: 'new',
      pricing: null,
      updatedAt: expect.any(Date),
      revision: expect.any(BigInt),
    });
    expect(await repository.update('nobody', { name: 'new' })).toBeNull();
  });

  it('stores a provider from the environment once, even if it was deactivated since', async () => {
    const row = { ...providerRow(), origin: 'env:OPENAI_API_KEY' };
    const first = await repository.createFromOrigin(row);
    await repository.update(first?.id ?? '', { isActive: false });
    expect(await repository.createFromOrigin(row)).toBeNull();
    expect(await repository.findAll()).toHaveLength(1);
  });

  it('replaces a key only while the one it was made from still stands', async () => {
    const { id } = await repository.create(providerRow({ encryptedApiKey: 'old' }));
    expect(await repository.replaceKey(id, 'old', 'new')).toBe(true);
    expect(await repository.replaceKey(id, 'old', 'newer')).toBe(false);
    expect((await repository.findById(id))?.encryptedApiKey).toBe('new');
  });

  it('raises the revision with every change, one made by hand included', async () => {
    const created = await repository.create(providerRow());
    const updated = await repository.update(created.id, { priority: 1 });
    await place.database.client.$executeRaw`UPDATE "AIProvider" SET "priority" = 2`;
    const byHand = await repository.findById(created.id);
    expect(updated?.revision).toBeGreaterThan(created.revision);
    expect(byHand?.revision).toBeGreaterThan(updated?.revision ?? 0n);
  });

  it('refuses a value that the database cannot hold', async () => {
    await expect(repository.create(providerRow({ name: 'a\u0000b' }))).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
  });
});
