import { ConfigError } from '../infra/config/config.error.js';
import type { HttpConfig } from '../infra/http-server/http.config.js';
import { isLoopbackHost } from '../infra/http-server/loopback.js';
import type { AccessConfig } from './access.config.js';

/**
 * Throws `ConfigError` when the API would answer anyone on an address that others can reach: no access key, a host
 * that is not loopback, and anonymous use not allowed.
 */
export function assertSafeToListen({
  http,
}: {
  readonly http: AccessConfig & Pick<HttpConfig, 'host'>;
}): void {
  if (http.accessKeys.length > 0 || http.allowAnonymous || isLoopbackHost(http.host)) return;
  throw new ConfigError([
    'AI_API_KEYS: expected at least one access key when HOST is not a loopback address (or AI_ALLOW_ANONYMOUS=true)',
  ]);
}
