import { lookup as resolve, type LookupAddress } from 'node:dns';
import type { LookupFunction, Socket } from 'node:net';
import { buildConnector } from 'undici';
import type { EgressPolicy } from './egress-policy.js';
import { ConnectTimeoutError, EgressRefusedError } from './transport.error.js';

/** Resolves a name to all its addresses; `dns.lookup` unless a test brings its own. */
export type ResolveAll = (
  hostname: string,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

const systemResolve: ResolveAll = (hostname, done) => resolve(hostname, { all: true }, done);

interface ConnectorOptions {
  policy: EgressPolicy;
  /** Milliseconds for name lookup, TCP and TLS together. */
  connectTimeoutMs: number;
  resolve?: ResolveAll;
}

/**
 * undici's `connect` with the egress policy built in: an address literal is checked before connecting, every resolved
 * address before one is chosen, and the address really connected to once more afterwards.
 */
export function egressConnector(options: ConnectorOptions): buildConnector.connector {
  const { policy, connectTimeoutMs } = options;
  const connectors = new Map<number, (...args: Parameters<buildConnector.connector>) => unknown>();
  const connectorFor = (port: number): ((...args: Parameters<buildConnector.connector>) => unknown) => {
    const known = connectors.get(port);
    if (known !== undefined) return known;
    const lookup = filteredLookup(policy, port, options.resolve ?? systemResolve);
    // Our own timer below: undici's ticks every half second only.
    const made = buildConnector({ timeout: 0, lookup, autoSelectFamily: true });
    connectors.set(port, made);
    return made;
  };

  return (target, callback) => {
    const port = Number(target.port) || (target.protocol === 'https:' ? 443 : 80);
    const verdict = policy.checkHost(target.hostname, port);
    if (!verdict.allowed) {
      process.nextTick(callback, new EgressRefusedError(verdict.reason), null);
      return;
    }
    const host = target.host ?? target.hostname;
    const socket = connectorFor(port)(target, (...result) => {
      clearTimeout(timer);
      // On failure undici leaves the second argument out, whatever its types say.
      const connected = result[1] ?? null;
      if (connected === null) return callback(...result);
      const late = policy.checkAddress(connected.remoteAddress ?? '', target.hostname, port);
      if (late.allowed) return callback(...result);
      connected.destroy();
      callback(new EgressRefusedError(late.reason), null);
    }) as Socket;
    const timer = setTimeout(
      () => socket.destroy(new ConnectTimeoutError(host, connectTimeoutMs)),
      connectTimeoutMs,
    );
  };
}

function filteredLookup(policy: EgressPolicy, port: number, resolveAll: ResolveAll): LookupFunction {
  return (hostname, options, done) => {
    resolveAll(hostname, (error, found) => {
      if (error !== null) return done(error, []);
      const family = options.family === 4 || options.family === 'IPv4' ? 4 : options.family === 6 ? 6 : 0;
      const usable: LookupAddress[] = [];
      let reason = `${hostname} has no address`;
      for (const candidate of found) {
        const verdict = policy.checkAddress(candidate.address, hostname, port);
        if (!verdict.allowed) reason = verdict.reason;
        else if (family === 0 || candidate.family === family) usable.push(candidate);
      }
      const first = usable[0];
      if (first === undefined) return done(new EgressRefusedError(reason), []);
      if (options.all === true) done(null, usable);
      else done(null, first.address, first.family);
    });
  };
}
