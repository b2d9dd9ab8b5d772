import { once } from 'node:events';
import { createServer } from 'node:net';
import { ConfigError } from '../config/config.error.js';

/** What an address that cannot be listened on is the fault of: https://nodejs.org/api/errors.html#common-system-errors */
const FAULTS = new Map<string, (host: string, port: number) => string>([
  [
    'EADDRINUSE',
    (host, port) => `PORT: expected a free port; ${port} on ${host} is in use by another process`,
  ],
  [
    'EACCES',
    (_host, port) =>
      `PORT: expected a port that this user may listen on; ${port} needs more rights (use one above 1023)`,
  ],
  ['EADDRNOTAVAIL', (host) => `HOST: expected an address of this machine; ${host} is none`],
  ['ENOTFOUND', (host) => `HOST: expected a name that can be resolved; ${host} cannot`],
  ['EAI_AGAIN', (host) => `HOST: expected a name that can be resolved; ${host} cannot be now`],
]);

/**
 * Listens for a moment, so that what keeps a service from listening is reported before seconds are spent on its database.
 * @throws ConfigError that names the variable
 */
export async function assertCanListen({ host, port }: { host: string; port: number }): Promise<void> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    const closed = once(server, 'close');
    server.close();
    await closed;
  } catch (error) {
    throw listeningError(error, host, port);
  }
}

/** What `error` means for the operator; as it is where it is about something else. */
export function listeningError(error: unknown, host: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const said = code === undefined ? undefined : FAULTS.get(code);
  return said === undefined ? error : new ConfigError([said(host, port)]);
}
