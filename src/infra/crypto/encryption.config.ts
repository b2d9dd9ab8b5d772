import * as z from 'zod/mini';
import { optionalSecret, secretVariable } from '../config/variable.js';
import { listOfLength, ofLength } from './key-length.value.js';

/** What a key is derived from may be longer than what AES takes: the derivation uses all of it. */
const KEY_LENGTH = { min: 32, max: 64 } as const;
const IV_LENGTH = { min: 16, max: 64 } as const;

/** What the stored API keys are encrypted by. Without a key, outside production, one is kept in the data directory. */
export const encryptionConfig = z.strictObject({
  key: optionalSecret(
    'AI_ENCRYPTION_KEY',
    ofLength(KEY_LENGTH),
    '32 to 64 characters that encrypt the stored API keys; required in production, else generated into AI_DATA_DIR.',
  ),
  iv: optionalSecret(
    'AI_ENCRYPTION_IV',
    ofLength(IV_LENGTH),
    '16 to 64 characters, set together with AI_ENCRYPTION_KEY and kept when it changes.',
  ),
  previous: secretVariable(
    'AI_ENCRYPTION_KEY_PREVIOUS',
    listOfLength(KEY_LENGTH),
    [],
    'Earlier encryption keys, comma-separated: they still decrypt; npm run keys:rotate re-encrypts.',
  ),
});
export type EncryptionConfig = Readonly<z.output<typeof encryptionConfig>>;
