import * as z from 'zod/mini';
import { flag, host, list, type Value } from '../infra/config/value.schemas.js';
import { secretVariable, variable } from '../infra/config/variable.js';
import { accessKeyList } from './access-key.value.js';

const hostName: Value<string> = {
  expected: 'a host name or an IP address, without a port',
  schema: z.pipe(
    host().schema,
    z.transform((name: string) => name.toLowerCase()),
  ),
};

/** Who may call the HTTP API. */
export const accessConfig = z.strictObject({
  accessKeys: secretVariable(
    'AI_API_KEYS',
    accessKeyList,
    [],
    'Who may use the HTTP API: name:role:secret, comma-separated; role admin, client or monitor.',
  ),
  allowAnonymous: variable(
    'AI_ALLOW_ANONYMOUS',
    flag(),
    false,
    'true lets it listen beyond loopback without AI_API_KEYS.',
  ),
  allowedHosts: variable(
    'AI_ALLOWED_HOSTS',
    list(hostName),
    [],
    'Names beside localhost that a Host header may say while it listens on loopback without AI_API_KEYS; comma-separated.',
  ),
});
export type AccessConfig = Readonly<z.output<typeof accessConfig>>;
