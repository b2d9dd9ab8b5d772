import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKeyCipher } from '../../src/infra/crypto/api-key.cipher.js';
import { lockDirectory } from '../../src/infra/prisma/embedded/directory-lock.js';
import { migrate } from '../../src/infra/prisma/migrations/migrations.js';
import { PrismaService } from '../../src/infra/prisma/prisma.service.js';
import { AIProviderRepository } from '../../src/modules/ai-providers/registry/ai-provider.repository.js';
import { describeWith } from '../services/with-services.js';
import { providerRow } from './support/provider-row.fixture.js';
import { createThrowawayDatabase } from './support/real-postgres.js';
import type { ThrowawayDatabase } from './support/real-postgres.js';
import { RecordingLogger } from './support/recording-logger.js';
import { typescriptProgram } from './support/typescript-program.js';

const [IV, OLD, NEW] = ['i'.repeat(16), 'o'.repeat(32), 'n'.repeat(32)];
const KEYS = { AI_ENCRYPTION_KEY: NEW, AI_ENCRYPTION_IV: IV };

interface Run {
  code: number;
  out: string;
  err: string;
}

/** Runs the command in a folder of its own, so that no `.env` of the repository reaches it. */
async function run(cwd: string, env: Record<string, string>): Promise<Run> {
  const command = typescriptProgram('../../../src/cli/rotate-keys.ts');
  const child = spawn(process.execPath, command, { cwd, env });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode ?? -1, out, err };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ai-providers-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('keys:rotate on the embedded database', () => {
  it('says that the service must be stopped first when another process has the database', async () => {
    const lock = await lockDirectory(folder);
    try {
      const { code, err } = await run(folder, { ...KEYS, AI_DATA_DIR: folder });
      expect(code).toBe(1);
      expect(err).toMatch(new RegExp(`in use by process ${process.pid}`));
      expect(err).toContain('stop the service, run keys:rotate, start it again');
    } finally {
      await lock.release();
    }
  }, 60_000);
});

describeWith('PostgreSQL')('keys:rotate on PostgreSQL', () => {
  let place: ThrowawayDatabase;
  let database: PrismaService;
  let repository: AIProviderRepository;

  beforeAll(async () => {
    place = await createThrowawayDatabase();
    await migrate({ connectionString: place.url });
    database = new PrismaService({ databaseUrl: place.url, dataDir: '' }, new RecordingLogger());
    await database.connect();
    repository = new AIProviderRepository(database);
  }, 60_000);

  afterEach(async () => {
    await database.client.aIProvider.deleteMany();
  });

  afterAll(async () => {
    await database.close();
    await place.drop();
  });

  async function store(id: string): Promise<string> {
    const encryptedApiKey = await ApiKeyCipher.create({ key: OLD, iv: IV }).encrypt(`sk-${id}-secret`, id);
    await repository.create(providerRow({ id, encryptedApiKey, encryptedHeaders: null }));
    return encryptedApiKey;
  }

  it('re-encrypts while another process is connected, says how many, and exits 0', async () => {
    await store('a');
    const env = { ...KEYS, AI_ENCRYPTION_KEY_PREVIOUS: OLD, DATABASE_URL: place.url, NODE_ENV: 'production' };
    expect(await run(folder, env)).toEqual({
      code: 0,
      out: 'Re-encrypted 1, skipped 0, failed 0\n',
      err: '',
    });
    const stored = (await repository.findById('a'))?.encryptedApiKey ?? '';
    expect((await ApiKeyCipher.create({ key: NEW, iv: IV }).decrypt(stored, 'a')).reveal()).toBe(
      'sk-a-secret',
    );
  }, 60_000);

  it('names the providers it could not re-encrypt, without any secret, and exits 1', async () => {
    const stored = await store('b');
    const { code, out, err } = await run(folder, { ...KEYS, DATABASE_URL: place.url });
    expect({ code, out, err }).toEqual({
      code: 1,
      out: 'Re-encrypted 0, skipped 0, failed 1\n',
      err: 'Provider b: unknown_key\n',
    });
    expect((await repository.findById('b'))?.encryptedApiKey).toBe(stored);
  }, 60_000);

  it('stops with one line that names a bad variable', async () => {
    const { code, err } = await run(folder, { ...KEYS, AI_ENCRYPTION_KEY: 'short', DATABASE_URL: place.url });
    expect({ code, err }).toEqual({ code: 1, err: 'AI_ENCRYPTION_KEY: expected 32 to 64 characters\n' });
  }, 60_000);
});
