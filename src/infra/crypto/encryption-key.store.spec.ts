import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError } from '../config/config.error.js';
import { ApiKeyCipher } from './api-key.cipher.js';
import { resolveEncryptionKeys } from './encryption-key.store.js';

const none = { key: undefined, iv: undefined, previous: [] };

describe('resolveEncryptionKeys', () => {
  let folder: string;
  let dataDir: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'encryption-key-'));
    dataDir = join(folder, 'deep', '.data');
    path = join(dataDir, 'encryption-key');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const development = () => resolveEncryptionKeys({ production: false, dataDir, encryption: none });

  it('makes a key once, for the owner alone, and warns only then', async () => {
    const first = await development();
    const second = await development();
    expect(first.warning).toContain(path);
    expect(second.warning).toBeUndefined();
    expect(second.keys).toEqual(first.keys);
    expect(first.keys.key).toMatch(/^[\w-]{32}$/);
    expect(first.keys.iv).toMatch(/^[\w-]{16}$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(first.warning).not.toContain(first.keys.key);
  });

  it('ends with one key and no draft of it when many start at once, out of Git’s sight', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, development));
    expect(new Set(all.map(({ keys }) => keys.key)).size).toBe(1);
    expect(all.filter(({ warning }) => warning !== undefined)).toHaveLength(1);
    expect(readdirSync(dataDir)).toEqual(['.gitignore', 'encryption-key']);
    expect(readFileSync(join(dataDir, '.gitignore'), 'utf8')).toBe('*\n');
  });

  it('keeps earlier keys beside the stored one', async () => {
    const previous = ['p'.repeat(32)];
    const { keys } = await resolveEncryptionKeys({
      production: false,
      dataDir,
      encryption: { ...none, previous },
    });
    const stored = await ApiKeyCipher.create({ key: 'p'.repeat(32), iv: keys.iv }).encrypt('sk-1', 'id');
    expect((await ApiKeyCipher.create(keys).decrypt(stored, 'id')).reveal()).toBe('sk-1');
  });

  it('prefers the configured key and then touches no file', async () => {
    const encryption = { key: 'k'.repeat(32), iv: 'i'.repeat(16), previous: [] };
    const resolved = await resolveEncryptionKeys({ production: true, dataDir, encryption });
    expect(resolved).toEqual({ keys: encryption, warning: undefined });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('makes none in production', async () => {
    const resolved = resolveEncryptionKeys({ production: true, dataDir, encryption: none });
    await expect(resolved).rejects.toThrow(/^AI_ENCRYPTION_KEY: /);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a damaged file without overwriting or showing it', async () => {
    await development();
    writeFileSync(path, 'AI_ENCRYPTION_KEY=tooshort\n');
    const error: unknown = await development().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toContain(path);
    expect(String(error)).not.toContain('tooshort');
    expect(readFileSync(path, 'utf8')).toBe('AI_ENCRYPTION_KEY=tooshort\n');
  });

  it('takes a file that others can read away from them', async () => {
    await development();
    chmodSync(path, 0o644);
    await development();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('says which folder cannot hold the key', async () => {
    mkdirSync(join(folder, 'deep'));
    writeFileSync(dataDir, 'a file');
    await expect(development()).rejects.toThrow(/^AI_ENCRYPTION_KEY: .*AI_DATA_DIR/);
  });
});
