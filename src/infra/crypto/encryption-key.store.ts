import { randomBytes } from 'node:crypto';
import { chmod, link, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { DataDirectoryConfig } from '../data-directory/data-directory.config.js';
import type { ProductionConfig } from '../production.config.js';
import type { EncryptionConfig } from './encryption.config.js';
import { makeDataDirectory } from '../data-directory/data-directory.js';
import { ConfigError } from '../config/config.error.js';
import type { EncryptionKeys } from './api-key.cipher.js';

const FILE_NAME = 'encryption-key';

export interface ResolvedEncryptionKeys {
  readonly keys: EncryptionKeys;
  /** To be logged: a key has been made, and where. */
  readonly warning: string | undefined;
}

/** The parts of the configuration that say which keys hold. */
export type EncryptionKeySettings = ProductionConfig &
  DataDirectoryConfig & { readonly encryption: EncryptionConfig };

/**
 * The configured keys. Where there are none, outside production, those of `<dataDir>/encryption-key`, which is made at
 * the first call (mode 0600, in a directory of mode 0700); processes that start at once end with the same key. Throws
 * `ConfigError` in production, and when the file cannot be made or read.
 */
export async function resolveEncryptionKeys(config: EncryptionKeySettings): Promise<ResolvedEncryptionKeys> {
  const { key, iv, previous } = config.encryption;
  if (key !== undefined && iv !== undefined) return { keys: { key, iv, previous }, warning: undefined };
  if (config.production) {
    throw new ConfigError(['AI_ENCRYPTION_KEY: expected 32 characters in production; it is not set']);
  }
  const path = join(config.dataDir, FILE_NAME);
  try {
    const stored = await readKeys(path);
    if (stored !== undefined) return { keys: { ...stored, previous }, warning: undefined };
    const made = await createKeys(config.dataDir, path);
    const warning = made
      ? `Made an encryption key in ${path}; without that file the stored API keys cannot be read. In production set AI_ENCRYPTION_KEY and AI_ENCRYPTION_IV.`
      : undefined;
    const keys = await readKeys(path);
    if (keys === undefined)
      throw new ConfigError([`${path}: expected the encryption key that was just made`]);
    return { keys: { ...keys, previous }, warning };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new ConfigError([
      `AI_ENCRYPTION_KEY: not set, and a key cannot be kept in AI_DATA_DIR, ${path} (${code})`,
    ]);
  }
}

async function readKeys(path: string): Promise<Pick<EncryptionKeys, 'key' | 'iv'> | undefined> {
  const content = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (content === undefined) return undefined;
  const { AI_ENCRYPTION_KEY: key, AI_ENCRYPTION_IV: iv } = parseEnv(content);
  if (key?.length !== 32 || iv?.length !== 16) {
    throw new ConfigError([
      `${path}: expected AI_ENCRYPTION_KEY of 32 and AI_ENCRYPTION_IV of 16 characters`,
    ]);
  }
  if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600);
  return { key, iv };
}

/**
 * Writes the file under another name and links it into place, which fails where one stands: no process ever sees half a
 * file, and no key is overwritten. Returns whether the key is ours.
 */
async function createKeys(directory: string, path: string): Promise<boolean> {
  await makeDataDirectory(directory);
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    // In base64url 24 bytes are 32 characters and 12 bytes are 16.
    const key = randomBytes(24).toString('base64url');
    const iv = randomBytes(12).toString('base64url');
    await file.writeFile(`AI_ENCRYPTION_KEY=${key}\nAI_ENCRYPTION_IV=${iv}\n`);
    await file.sync();
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
}
