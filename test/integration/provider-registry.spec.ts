import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ApiKeyCipher } from '../../src/infra/crypto/api-key.cipher.js';
import { loadConfig } from '../../src/app-config.js';
import { EgressPolicy } from '../../src/infra/http-client/egress-policy.js';
import { createLogger } from '../../src/infra/logging/create-logger.js';
import { AIProviderRepository } from '../../src/modules/ai-providers/registry/ai-provider.repository.js';
import type { ProviderRow } from '../../src/modules/ai-providers/registry/provider-row.js';
import { AIProviderRegistryService } from '../../src/modules/ai-providers/services/ai-provider-registry.service.js';
import { ProviderDirectory } from '../../src/modules/ai-providers/registry/provider-directory.js';
import { DefaultProviderRegistrar } from '../../src/modules/ai-providers/registry/default-provider.registrar.js';
import type { ProviderHistory } from '../../src/modules/ai-providers/statistics/provider-history.service.js';
import { ProviderKeyVault } from '../../src/modules/ai-providers/registry/provider-key.vault.js';
import { providerRow } from './support/provider-row.fixture.js';
import { describeOnDatabases, type TestDatabase } from './support/test-database.js';

/** Can be made to keep back what it has read, as a slow connection would. */
class SlowReader extends AIProviderRepository {
  private whenRead = (): void => undefined;
  private held: Promise<void> = Promise.resolve();

  hold(): { read: Promise<void>; release: () => void } {
    const read = new Promise<void>((settle) => (this.whenRead = settle));
    let release = (): void => undefined;
    this.held = new Promise<void>((settle) => (release = settle));
    return { read, release: () => release() };
  }

  override async findAll(): Promise<ProviderRow[]> {
    const rows = await super.findAll();
    this.whenRead();
    await this.held;
    return rows;
  }
}

describeOnDatabases('AIProviderRegistryService', ({ open }) => {
  let place: TestDatabase;
  let repository: SlowReader;
  let registry: AIProviderRegistryService;

  beforeAll(async () => {
    place = await open();
    repository = new SlowReader(place.database);
    const logger = createLogger({ level: 'silent', json: true });
    const cipher = ApiKeyCipher.create({ key: randomBytes(16).toString('hex'), iv: 'i'.repeat(16) });
    const config = loadConfig({});
    const vault = new ProviderKeyVault(cipher, config, logger);
    registry = new AIProviderRegistryService(
      new ProviderDirectory(),
      repository,
      vault,
      { has: () => Promise.resolve(false) } as unknown as ProviderHistory,
      new DefaultProviderRegistrar(repository, vault, config, logger),
      new EgressPolicy({ production: false, allow: [] }),
      config,
    );
  }, 120_000);

  afterAll(() => place.close());

  async function nextRevision(after: number): Promise<void> {
    await place.database.client.$queryRaw`
      SELECT setval(pg_get_serial_sequence('"AIProvider"', 'revision'), ${after}::bigint)`;
  }

  it('keeps a provider registered while it reads, whichever of two writes was the later to commit', async () => {
    await nextRevision(1_000);
    const elsewhere = await repository.create(
      providerRow({ encryptedApiKey: null, encryptedHeaders: null, apiKeyHint: null }),
    );
    await nextRevision(500);

    const { read, release } = repository.hold();
    const refreshed = registry.refresh();
    await read;
    const here = await registry.register({
      name: 'here',
      type: 'OPENAI',
      model: 'gpt-4',
      apiKey: 'sk-0123456789',
    });
    release();
    await refreshed;

    expect(registry.all().map(({ id }) => id)).toEqual(expect.arrayContaining([elsewhere.id, here.id]));
    expect(here.revision).toBeLessThan(elsewhere.revision);
  });

  it('forgets a provider whose row is gone', async () => {
    const { id } = await repository.create(
      providerRow({ encryptedApiKey: null, encryptedHeaders: null, apiKeyHint: null }),
    );
    await registry.refresh();
    expect(registry.get(id).id).toBe(id);
    await place.database.client.aIProvider.delete({ where: { id } });
    await registry.refresh();
    expect(registry.byId(id)).toBeUndefined();
  });
});
