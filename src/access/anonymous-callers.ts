import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpConfig } from '../infra/http-server/http.config.js';
import type { AccessConfig } from './access.config.js';
import { isLoopbackAddress, isLoopbackHost } from '../infra/http-server/loopback.js';

/** Where a server listens: `address()` of Node's own; null before it does. */
export type ListeningAddress = () => AddressInfo | string | null;

/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE_METHODS: readonly unknown[] = ['GET', 'HEAD', 'OPTIONS'];

/** What a browser says of a request that another site's page has made (Fetch Metadata §2.4). */
const FOREIGN_SITES: readonly unknown[] = ['cross-site', 'same-site'];

/**
 * Judges callers while there are no keys. Then callers of this machine alone are answered, unless the operator allows
 * anonymous ones; and since a browser on this machine is a caller, what other sites' pages send by it is refused: by a
 * `Host` that was made to mean this machine (DNS rebinding), or as the browser itself says.
 */
export class AnonymousCallers {
  constructor(
    private readonly http: Pick<AccessConfig, 'allowAnonymous' | 'allowedHosts'> &
      Pick<HttpConfig, 'corsOrigins'>,
    private readonly listeningAt: ListeningAddress,
  ) {}

  /** Why a request is refused; undefined where it is not. Headers about forwarding are not looked at. */
  refusal(request: Pick<IncomingMessage, 'headers' | 'method' | 'socket'>): string | undefined {
    const { remoteAddress } = request.socket;
    if (!this.http.allowAnonymous && (remoteAddress === undefined || !isLoopbackAddress(remoteAddress))) {
      return 'Without access keys only callers on this machine are answered: set AI_API_KEYS';
    }
    if (this.http.allowAnonymous && !this.listensOnLoopbackAlone()) return undefined;
    const { host, origin, 'sec-fetch-site': site } = request.headers;
    if (host !== undefined && !this.isOwnName(host)) {
      return 'The header Host names another machine: AI_ALLOWED_HOSTS holds the names that it may say';
    }
    if (!FOREIGN_SITES.includes(site) || SAFE_METHODS.includes(request.method)) return undefined;
    if (origin !== undefined && this.http.corsOrigins.includes(origin)) return undefined;
    return 'Another site’s page may not do that: AI_CORS_ORIGINS holds those that may';
  }

  private isOwnName(host: string): boolean {
    const [, address, name = address] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host.trim()) ?? [];
    if (name === undefined) return false;
    return isLoopbackHost(name) || this.http.allowedHosts.includes(name.toLowerCase());
  }

  private listensOnLoopbackAlone(): boolean {
    const address = this.listeningAt();
    return typeof address === 'object' && address !== null && isLoopbackAddress(address.address);
  }
}
