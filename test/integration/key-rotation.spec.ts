import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { ApiKeyCipher } from '../../src/infra/crypto/api-key.cipher.js';
import { AIProviderRepository } from '../../src/modules/ai-providers/registry/ai-provider.repository.js';
import { rotateKeys } from '../../src/modules/ai-providers/registry/key-rotation.service.js';
import { providerRow } from './support/provider-row.fixture.js';
import { describeOnDatabases, type TestDatabase } from './support/test-database.js';

const [IV, OLD, NEW, LOST] = ['i'.repeat(16), 'o'.repeat(32), 'n'.repeat(32), 'l'.repeat(32)];
const before = ApiKeyCipher.create({ key: OLD, iv: IV });
const rotating = ApiKeyCipher.create({ key: NEW, iv: IV, previous: [OLD] });
const after = ApiKeyCipher.create({ key: NEW, iv: IV });
const lost = ApiKeyCipher.create({ key: LOST, iv: IV });

describeOnDatabases('rotateKeys', ({ open }) => {
  let place: TestDatabase;
  let repository: AIProviderRepository;

  beforeAll(async () => {
    place = await open();
    repository = new AIProviderRepository(place.database);
  }, 60_000);

  afterEach(async () => {
    await place.database.client.aIProvider.deleteMany();
  });

  afterAll(() => place.close());

  async function store(id: string, cipher: ApiKeyCipher | null, text = `sk-${id}`): Promise<void> {
    const encryptedApiKey = cipher === null ? null : await cipher.encrypt(text, id);
    await repository.create(providerRow({ id, encryptedApiKey, encryptedHeaders: null }));
  }

  async function storedKey(id: string): Promise<string> {
    const row = await repository.findById(id);
    return (await after.decrypt(row?.encryptedApiKey ?? '', id)).reveal();
  }

  it('puts every key under the current one and leaves the rest of the row as it was', async () => {
    await store('a', before);
    await store('b', before);
    await store('c', after);
    await store('d', null);
    const untouched = await repository.findById('c');
    expect(await rotateKeys(repository, rotating)).toEqual({ reencrypted: 2, skipped: 2, failed: [] });
    expect([await storedKey('a'), await storedKey('b')]).toEqual(['sk-a', 'sk-b']);
    expect(await repository.findById('a')).toMatchObject({
      isActive: true,
      apiKeyHint: '…abcd',
      model: 'gpt-4',
    });
    expect(await repository.findById('c')).toEqual(untouched);
  });

  it('puts headers under the current key as well, and never takes them for the key', async () => {
    const encryptedHeaders = await before.encrypt('[["X-Org","one"]]', 'a/headers');
    await repository.create(providerRow({ id: 'a', encryptedApiKey: null, encryptedHeaders }));
    await repository.create(
      providerRow({ id: 'b', encryptedApiKey: encryptedHeaders, encryptedHeaders: null }),
    );
    expect(await rotateKeys(repository, rotating)).toEqual({
      reencrypted: 1,
      skipped: 0,
      failed: [{ providerId: 'b', reason: 'wrong_provider' }],
    });
    const row = await repository.findById('a');
    expect((await after.decrypt(row?.encryptedHeaders ?? '', 'a/headers')).reveal()).toBe(
      '[["X-Org","one"]]',
    );
    expect(await rotateKeys(repository, rotating)).toMatchObject({ reencrypted: 0, skipped: 1 });
  });

  it('finds nothing left to do the second time', async () => {
    await store('a', before);
    await rotateKeys(repository, rotating);
    expect(await rotateKeys(repository, rotating)).toEqual({ reencrypted: 0, skipped: 1, failed: [] });
  });

  it('names the providers whose keys it cannot read, leaves those and goes on', async () => {
    await store('lost', lost);
    await store('good', before);
    await repository.create(
      providerRow({
        id: 'moved',
        encryptedApiKey: await before.encrypt('sk-x', 'good'),
        encryptedHeaders: null,
      }),
    );
    await repository.create(providerRow({ id: 'broken', encryptedApiKey: 'nonsense' }));
    const { reencrypted, skipped, failed } = await rotateKeys(repository, rotating);
    expect({ reencrypted, skipped }).toEqual({ reencrypted: 1, skipped: 0 });
    expect([...failed].sort((one, other) => one.providerId.localeCompare(other.providerId))).toEqual([
      { providerId: 'broken', reason: 'tampered' },
      { providerId: 'lost', reason: 'unknown_key' },
      { providerId: 'moved', reason: 'wrong_provider' },
    ]);
    expect((await repository.findById('broken'))?.encryptedApiKey).toBe('nonsense');
    expect(await storedKey('good')).toBe('sk-good');
  });

  it.each<[string, ApiKeyCipher, { reencrypted: number; skipped: number }]>([
    ['an earlier key', before, { reencrypted: 1, skipped: 0 }],
    ['the current key', after, { reencrypted: 0, skipped: 1 }],
  ])('never undoes a key that an operator sets meanwhile under %s', async (_key, cipher, counts) => {
    await store('a', before, 'sk-old');
    const racing = {
      findAll: async () => {
        const rows = await repository.findAll();
        const [row] = rows;
        if (row) await repository.update(row, { encryptedApiKey: await cipher.encrypt('sk-new', 'a') });
        return rows;
      },
      findById: (id: string) => repository.findById(id),
      update: (...args: Parameters<typeof repository.update>) => repository.update(...args),
    };
    expect(await rotateKeys(racing, rotating)).toEqual({ ...counts, failed: [] });
    expect(await storedKey('a')).toBe('sk-new');
  });

  it('may run twice at once', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await store(id, before);
    const reports = await Promise.all([rotateKeys(repository, rotating), rotateKeys(repository, rotating)]);
    expect(reports.map(({ reencrypted }) => reencrypted).reduce((sum, count) => sum + count)).toBe(4);
    expect(reports.flatMap(({ failed }) => failed)).toEqual([]);
    for (const id of ['a', 'b', 'c', 'd']) expect(await storedKey(id)).toBe(`sk-${id}`);
  });
});
