import ipaddr from 'ipaddr.js';
import { classifyAddress, type AddressClass } from './address-class.js';
import { normaliseHost, ruleCovers, type EgressRule } from './egress-rule.js';

export { parseEgressRule, type EgressRule } from './egress-rule.js';

/** Whether we may send there; `reason` is readable and free of secrets. */
export type EgressVerdict = { allowed: true } | { allowed: false; reason: string };

type Address = ipaddr.IPv4 | ipaddr.IPv6;

const ALLOWED: EgressVerdict = { allowed: true };

/**
 * Names under which clouds serve metadata: Google "About VM metadata" (metadata.google.internal, metadata.goog and the
 * search-domain form metadata), AWS "Instance metadata" (instance-data), Tencent Cloud "Viewing instance metadata".
 */
const METADATA_HOSTS: ReadonlySet<string> = new Set([
  'metadata.google.internal',
  'metadata.goog',
  'metadata',
  'instance-data',
  'instance-data.ec2.internal',
  'metadata.tencentyun.com',
]);

/** What `localhost` and every name below it mean (RFC 6761 §6.3). */
const LOCALHOST_ADDRESSES: readonly Address[] = [ipaddr.parse('127.0.0.1'), ipaddr.parse('::1')];

/**
 * Decides which hosts we send to. Link-local, metadata, multicast, broadcast and unspecified addresses are refused
 * always, whatever the rules say; loopback, private and reserved ones in production unless a rule names them. Holds no
 * state that changes: a verdict about an address stays true.
 */
export class EgressPolicy {
  readonly #production: boolean;
  readonly #rules: readonly EgressRule[];

  constructor(options: { production: boolean; allow: EgressRule[] }) {
    this.#production = options.production;
    this.#rules = [...options.allow];
  }

  /**
   * What can be seen from a URL without asking DNS: the scheme, an address literal in any spelling a URL parser takes
   * (decimal, octal, hexadecimal, short, IPv4 inside IPv6), and names known to mean metadata or this machine. A name
   * that is allowed here may still resolve to an address that is refused when connecting.
   */
  check(url: string): EgressVerdict {
    if (!URL.canParse(url)) return refused('the endpoint is not a URL');
    const { protocol, hostname, port } = new URL(url);
    if (protocol !== 'http:' && protocol !== 'https:') {
      return refused(`endpoints are http or https, not ${protocol.slice(0, -1)}`);
    }
    return this.checkHost(hostname, port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port));
  }

  /** The same for a host as it stands in a URL, brackets or not, and a port. */
  checkHost(hostname: string, port: number): EgressVerdict {
    const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
    if (ipaddr.isValid(bare)) return this.checkAddress(bare, bare, port);
    const host = normaliseHost(bare);
    if (host === '') return refused('the endpoint names no host');
    if (METADATA_HOSTS.has(host)) return refused(`${host} is a cloud metadata host`);
    if (host !== 'localhost' && !host.endsWith('.localhost')) return ALLOWED;
    const covered = LOCALHOST_ADDRESSES.some((address) => this.#ruled(host, address, port));
    return this.#production && !covered ? refused(`${host} is this machine`) : ALLOWED;
  }

  /** Whether `address`, which `host` stands for, may be connected to. Text that is no address is refused. */
  checkAddress(address: string, host: string, port: number): EgressVerdict {
    if (!ipaddr.isValid(address)) return refused(`${host} has no readable address`);
    const parsed = ipaddr.parse(address);
    const { level, what } = classifyAddress(parsed);
    if (this.#permits(level, normaliseHost(host), parsed, port)) return ALLOWED;
    return refused(host === address ? `${host} is ${what}` : `${host} stands for ${what}`);
  }

  #permits(level: AddressClass['level'], host: string, address: Address, port: number): boolean {
    switch (level) {
      case 'public':
        return true;
      case 'forbidden':
        return false;
      case 'restricted':
        return !this.#production || this.#ruled(host, address, port);
    }
  }

  #ruled(host: string, address: Address, port: number): boolean {
    return this.#rules.some((rule) => ruleCovers(rule, host, address, port));
  }
}

function refused(reason: string): EgressVerdict {
  return { allowed: false, reason };
}
