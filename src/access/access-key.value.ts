import { createHash } from 'node:crypto';
import { parsed, type Value } from '../infra/config/value.schemas.js';
import { ACCESS_ROLES, type AccessRole } from './access-role.js';

/** One key to the HTTP API. The secret itself is not kept. */
export interface AccessKey {
  readonly name: string;
  readonly role: AccessRole;
  /** SHA-256 of the secret's UTF-8 bytes, in lower-case hexadecimal. */
  readonly secretSha256: string;
}

/** An access key as a program gives it, with its secret in clear; only the secret's hash is kept. */
export interface AccessKeyInput {
  readonly name: string;
  readonly role: AccessRole;
  readonly secret: string;
}

/** Characters of a secret: fewer could be guessed. */
const MIN_SECRET = 16;

/**
 * Reads `name:role:secret,…`. The first two colons divide an entry, so a secret may hold colons, but no comma. Two
 * entries of one name, or of one secret, are refused: it would be unclear who asks.
 */
export const accessKeyList: Value<readonly AccessKey[], readonly AccessKeyInput[]> = {
  expected: `a comma-separated list of name:role:secret, role ${ACCESS_ROLES.join(', ')}, secret at least ${MIN_SECRET} characters, each name and secret once`,
  schema: parsed((raw) => {
    const keys: AccessKey[] = [];
    for (const entry of raw.split(',').filter((part) => part.trim() !== '')) {
      const key = accessKey(entry.trim());
      if (key === undefined) return undefined;
      if (keys.some((other) => other.name === key.name || other.secretSha256 === key.secretSha256))
        return undefined;
      keys.push(key);
    }
    return keys;
  }),
  write: (given) => {
    if (!Array.isArray(given)) return given;
    const entries = given.map(entryOf);
    return entries.every((entry) => entry !== undefined) ? entries.join(',') : given;
  },
};

function accessKey(entry: string): AccessKey | undefined {
  const match = /^([^:\s]+):([a-z]+):(\S+)$/u.exec(entry);
  const [, name, roleText, secret] = match ?? [];
  const role = ACCESS_ROLES.find((known) => known === roleText);
  if (name === undefined || secret === undefined || role === undefined) return undefined;
  if (secret.length < MIN_SECRET) return undefined;
  return { name, role, secretSha256: createHash('sha256').update(secret, 'utf8').digest('hex') };
}

/** A name with a colon, or a field with a comma, would be read back as something else. */
function entryOf(key: unknown): string | undefined {
  if (typeof key !== 'object' || key === null) return undefined;
  const { name, role, secret } = key as Partial<Record<keyof AccessKeyInput, unknown>>;
  if (typeof name !== 'string' || typeof role !== 'string' || typeof secret !== 'string') return undefined;
  return /[:,]/.test(name) || secret.includes(',') ? undefined : `${name}:${role}:${secret}`;
}
