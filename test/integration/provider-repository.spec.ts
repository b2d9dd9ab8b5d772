import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { AIProviderRepository } from '../../src/modules/ai-providers/registry/ai-provider.repository.js';
import { providerRow } from './support/provider-row.fixture.js';
import { describeOnDatabases, type TestDatabase } from './support/test-database.js';

describeOnDatabases('AIProviderRepository', ({ open }) => {
  let place: TestDatabase;
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
    const row = await repository.create(providerRow({ stopSequences: [] }));
    expect((await repository.findById(row.id))?.stopSequences).toEqual([]);
    expect((await repository.update(row, { stopSequences: null }))?.stopSequences).toBeNull();
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
    const after = await repository.update(before, { name: 'new', pricing: null, rateLimit: undefined });
    expect(after).toEqual({
      ...before,
      name: 'new',
      pricing: null,
      updatedAt: expect.any(Date),
      revision: expect.any(BigInt),
    });
    expect(await repository.update({ id: 'nobody', revision: 1n }, { name: 'new' })).toBeNull();
  });

  it('stores a provider from the environment once, even if it was deactivated since', async () => {
    const row = { ...providerRow(), origin: 'env:OPENAI_API_KEY' };
    const first = await repository.createFromOrigin(row);
    if (first) await repository.update(first, { isActive: false });
    expect((await repository.findByOrigin('env:OPENAI_API_KEY'))?.isActive).toBe(false);
    expect(await repository.createFromOrigin(row)).toBeNull();
    expect(await repository.findAll()).toHaveLength(1);
  });

  it('changes and removes a row only while it is at the revision it was read at', async () => {
    const read = await repository.create(providerRow({ name: 'old' }));
    const [one, other] = await Promise.all([
      repository.update(read, { name: 'one' }),
      repository.update(read, { name: 'other' }),
    ]);
    const winner = one ?? other;
    expect([one, other].filter((row) => row !== null)).toHaveLength(1);
    expect(await repository.findById(read.id)).toEqual(winner);
    expect(await repository.remove(read)).toBe(false);
    expect(winner && (await repository.remove(winner))).toBe(true);
    expect(await repository.findById(read.id)).toBeNull();
  });

  it('knows of history by the sums of days and by alerts', async () => {
    const { aIFailure } = place.database.client;
    expect(await repository.hasHistory('p')).toBe(false);
    const failure = { span: new Date(0), providerId: 'p', code: 'INTERNAL', count: 1n };
    await aIFailure.create({ data: { ...failure, grain: 1_440 } });
    expect(await repository.hasHistory('p')).toBe(true);
    expect(await repository.hasHistory('q')).toBe(false);
    await aIFailure.deleteMany();
  });

  it('raises the revision with every change, one made by hand included', async () => {
    const created = await repository.create(providerRow());
    const updated = await repository.update(created, { priority: 1 });
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
