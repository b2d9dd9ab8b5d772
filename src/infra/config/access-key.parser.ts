import { createHash } from 'node:crypto';
import { ACCESS_ROLES } from './app-config.interface.js';
import type { AccessKey } from './app-config.interface.js';
import type { ValueParser } from './value.parser.js';

/** Characters of a secret: fewer could be guessed. */
const MIN_SECRET = 16;

/**
 * Reads `name:role:secret,…`. The first two colons divide an entry, so a secret may hold colons, but no comma. Two
 * entries of one name, or of one secret, are refused: it would be unclear who asks.
 */
export const accessKeyList: ValueParser<readonly AccessKey[]> = {
  expected: `a comma-separated list of name:role:secret, role ${ACCESS_ROLES.join(', ')}, secret at least ${MIN_SECRET} characters, each name and secret once`,
  parse: (raw) => {
    const keys: AccessKey[] = [];
    for (const entry of raw.split(',').filter((part) => part.trim() !== '')) {
      const key = accessKey(entry.trim());
      if (key === undefined) return undefined;
      if (keys.some((other) => other.name === key.name || other.secretSha256 === key.secretSha256))
        return undefined;
      keys.push(key);
    }
    return keys;
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
