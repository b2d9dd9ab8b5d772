import { hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { KeyDecryptionError } from './key-decryption.error.js';
import { Secret } from './secret.js';

/** What the ciphers' keys are made from. */
export interface EncryptionKeys {
  /** `AI_ENCRYPTION_KEY`: 32 to 64 characters, which should be random. */
  readonly key: string;
  /** `AI_ENCRYPTION_IV`: 16 to 64 characters. Not an IV here, each record has its own; it salts the derivation. */
  readonly iv: string;
  /** Earlier values of `key`, under the same `iv`. */
  readonly previous?: readonly string[];
}

interface DerivedKey {
  readonly id: string;
  readonly secret: Uint8Array;
}

/** HMAC half and AES half of the key of `A256CBC-HS512` (RFC 7518 §5.2.5). */
const SECRET_BYTES = 64;
const ID_BYTES = 8;
const ALGORITHMS = { alg: 'dir', enc: 'A256CBC-HS512' } as const;

/**
 * Encrypts the vendors' API keys for storage: AES-256 in CBC mode under a random IV a record, authenticated by
 * HMAC-SHA-512 (RFC 7518 §5.2), as a compact JWE (RFC 7516) with direct use of a key derived by HKDF-SHA-512 (RFC 5869).
 *
 * The protected header names the key (`kid`) and the provider (`pid`) in clear; the MAC covers it, so that a row's text
 * cannot be moved to another row. `pid` is not listed in `crit`: that would make foreign readers refuse what they do
 * not know, and the only reader is this class, which always compares it.
 */
export class ApiKeyCipher {
  private constructor(
    private readonly current: DerivedKey,
    private readonly known: ReadonlyMap<string, DerivedKey>,
  ) {}

  /** Derives the keys. The first encrypts; it and `previous` decrypt. */
  static create({ key, iv, previous = [] }: EncryptionKeys): ApiKeyCipher {
    const current = derive(key, iv);
    const all = [...previous.map((earlier) => derive(earlier, iv)), current];
    return new ApiKeyCipher(current, new Map(all.map((derived) => [derived.id, derived])));
  }

  /** A text to store for this provider alone; two calls never give the same one. */
  async encrypt(plain: Secret | string, providerId: string): Promise<string> {
    const text = typeof plain === 'string' ? plain : plain.reveal();
    return new CompactEncrypt(Buffer.from(text, 'utf8'))
      .setProtectedHeader({ ...ALGORITHMS, kid: this.current.id, pid: providerId })
      .encrypt(this.current.secret);
  }

  /** What `encrypt` was given for this provider. Throws `KeyDecryptionError`. */
  async decrypt(cipher: string, providerId: string): Promise<Secret> {
    const id = keyIdOf(cipher);
    if (id === undefined || !isCanonical(cipher)) throw new KeyDecryptionError('tampered');
    const key = this.known.get(id);
    if (key === undefined) throw new KeyDecryptionError('unknown_key');
    const { plaintext, protectedHeader } = await compactDecrypt(cipher, key.secret, {
      keyManagementAlgorithms: [ALGORITHMS.alg],
      contentEncryptionAlgorithms: [ALGORITHMS.enc],
    }).catch(() => {
      throw new KeyDecryptionError('tampered');
    });
    if (protectedHeader.pid !== providerId) throw new KeyDecryptionError('wrong_provider');
    return new Secret(Buffer.from(plaintext).toString('utf8'));
  }

  /** Whether the text claims to be under the current key. */
  isCurrent(cipher: string): boolean {
    return keyIdOf(cipher) === this.current.id;
  }
}

/** The id is derived apart from the secret, so that it reveals nothing of it. */
function derive(key: string, salt: string): DerivedKey {
  const bytes = (purpose: string, length: number): Uint8Array =>
    new Uint8Array(hkdfSync('sha512', key, salt, `ai-providers/api-key/v1/${purpose}`, length));
  return {
    id: Buffer.from(bytes('id', ID_BYTES)).toString('base64url'),
    secret: bytes('secret', SECRET_BYTES),
  };
}

function keyIdOf(cipher: string): string | undefined {
  try {
    return decodeProtectedHeader(cipher).kid;
  } catch {
    return undefined;
  }
}

/** Base64url decoders ignore the spare bits of a last character; only the spelling that was written is accepted. */
function isCanonical(cipher: string): boolean {
  return cipher.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
}
