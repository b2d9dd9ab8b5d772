import type { ApiKeyCipher } from '../../../infra/crypto/api-key.cipher.js';
import { KeyDecryptionError } from '../../../infra/crypto/key-decryption.error.js';
import type { AIProviderRepository, ProviderRow } from './ai-provider.repository.js';
import { headersOf } from './provider-key.vault.js';

/** Why a provider's secrets are still under an earlier key. */
export type RotationFailure = KeyDecryptionError['reason'] | 'changing';

export interface RotationReport {
  /** Providers whose secrets are now under the current key by this call. */
  readonly reencrypted: number;
  /** Already under the current key, or without a secret. */
  readonly skipped: number;
  readonly failed: readonly { readonly providerId: string; readonly reason: RotationFailure }[];
}

type Outcome = 'reencrypted' | 'skipped' | RotationFailure;
type Repository = Pick<AIProviderRepository, 'findAll' | 'findById' | 'update'>;

/** A row that somebody else writes at the same moment is read again so often. */
const ROUNDS = 5;

/**
 * Puts every stored key and header that is not under the cipher's current key under it. May run while the service does: a
 * row is written only if it is still the one that was read, and one that changed meanwhile is read again. What cannot be
 * decrypted stays as it is and is reported. Throws what the repository throws when the database is away.
 */
export async function rotateKeys(repository: Repository, cipher: ApiKeyCipher): Promise<RotationReport> {
  const failed: { providerId: string; reason: RotationFailure }[] = [];
  let reencrypted = 0;
  let skipped = 0;
  for (const row of await repository.findAll()) {
    const outcome = await rotateOne(repository, cipher, row);
    if (outcome === 'reencrypted') reencrypted += 1;
    else if (outcome === 'skipped') skipped += 1;
    else failed.push({ providerId: row.id, reason: outcome });
  }
  return { reencrypted, skipped, failed };
}

async function rotateOne(repository: Repository, cipher: ApiKeyCipher, first: ProviderRow): Promise<Outcome> {
  let row: ProviderRow | null = first;
  for (let round = 1; round <= ROUNDS && row !== null; round += 1) {
    try {
      const fresh = {
        encryptedApiKey: await reencrypted(cipher, row.encryptedApiKey, row.id),
        encryptedHeaders: await reencrypted(cipher, row.encryptedHeaders, headersOf(row.id)),
      };
      if (fresh.encryptedApiKey === undefined && fresh.encryptedHeaders === undefined) return 'skipped';
      if (await repository.update(row, fresh)) return 'reencrypted';
    } catch (error) {
      if (error instanceof KeyDecryptionError) return error.reason;
      throw error;
    }
    row = await repository.findById(first.id);
  }
  return row === null ? 'skipped' : 'changing';
}

/** The secret under the current key; undefined where there is none, or it is already. */
async function reencrypted(
  cipher: ApiKeyCipher,
  stored: string | null,
  owner: string,
): Promise<string | undefined> {
  if (stored === null || cipher.isCurrent(stored)) return undefined;
  return cipher.encrypt(await cipher.decrypt(stored, owner), owner);
}
