import { hash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Principal, PrincipalSource } from './principal.interface.js';

const SECRET = Symbol('secret');

/** A request as Node has it, whose principal is asked for at the edge and again at its route. */
export type IdentifiableRequest = Pick<IncomingMessage, 'headers'> & { [SECRET]?: string };

/**
 * Resolves who asks, for the edge and the guard. Secrets are looked up by their digest: how long that takes says nothing of a
 * secret, since a caller cannot choose what a digest looks like. A secret that was found is looked up directly from then on, in a
 * map whose hashes are seeded anew in every process; so secrets that were used stay in memory.
 */
export class PrincipalService {
  private readonly found = new Map<string, Principal>();

  /** @param sources in the order in which they are asked; what they hold does not change */
  constructor(private readonly sources: readonly PrincipalSource[]) {}

  /** Whether there is no principal at all: then callers are anonymous. */
  get isEmpty(): boolean {
    return this.sources.every((source) => source.isEmpty);
  }

  /** The principal whose secret a request carries; undefined where it carries none or an unknown one. The URL is not looked at. */
  resolve(request: IdentifiableRequest): Principal | undefined {
    const secret = (request[SECRET] ??= presentedSecret(request.headers));
    if (secret === '') return undefined;
    const known = this.found.get(secret);
    if (known !== undefined) return known;
    const principal = this.find(hash('sha256', secret, 'hex'));
    if (principal !== undefined) this.found.set(secret, principal);
    return principal;
  }

  private find(secretSha256: string): Principal | undefined {
    for (const source of this.sources) {
      const principal = source.find(secretSha256);
      if (principal !== undefined) return principal;
    }
    return undefined;
  }
}

/** Empty where there is no secret. */
function presentedSecret(headers: IncomingHttpHeaders): string {
  const bearer = /^Bearer +(\S.*)$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer.trim();
  const key = headers['x-api-key'] ?? headers['x-goog-api-key'];
  return typeof key === 'string' ? key : '';
}
