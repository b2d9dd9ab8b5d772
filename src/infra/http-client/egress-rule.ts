import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** One entry of the allow list: a host name or a block of addresses, at one port or at any. */
export type EgressRule =
  | { kind: 'host'; host: string; port: number | null }
  | { kind: 'block'; block: readonly [Address, number]; port: number | null };

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

/**
 * Reads one entry: `host`, `host:port`, `10.0.0.0/8`, `10.0.0.0/8:8080`, `fd00::/8`, `[::1]:11434`, `[fd00::]/8:80`.
 * Throws an `Error` that names the entry when it is none of these.
 */
export function parseEgressRule(text: string): EgressRule {
  const entry = text.trim().toLowerCase();
  const block = blockOf(entry);
  if (block !== undefined) return { kind: 'block', block, port: null };
  const colon = entry.lastIndexOf(':');
  const portText = colon > 0 ? entry.slice(colon + 1) : '';
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : null;
  if (colon > 0 && (port === null || port < 1 || port > 65535)) throw invalid(text);
  const subject = colon > 0 ? entry.slice(0, colon) : entry;
  const withPort = blockOf(subject);
  if (withPort !== undefined) return { kind: 'block', block: withPort, port };
  const host = normaliseHost(subject);
  // A last label of digits is a number to a URL parser, never a name (WHATWG URL, "ends in a number").
  if (!HOST_NAME.test(host) || /(^|\.)(0x[0-9a-f]*|\d+)$/.test(host)) throw invalid(text);
  return { kind: 'host', host, port };
}

/** Lower case and without the root's dot, so that `Example.COM.` and `example.com` are one name. */
export function normaliseHost(host: string): string {
  const lower = host.toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

/** Whether a rule names this host or this address at this port. */
export function ruleCovers(rule: EgressRule, host: string, address: Address | null, port: number): boolean {
  if (rule.port !== null && rule.port !== port) return false;
  if (rule.kind === 'host') return rule.host === host;
  if (address === null) return false;
  const [block, bits] = rule.block;
  const plain = unmap(address);
  return plain.kind() === block.kind() && plain.match(block, bits);
}

function unmap(address: Address): Address {
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

function blockOf(entry: string): readonly [Address, number] | undefined {
  const text = entry.replace(/^\[([0-9a-f:.]+)\]/, '$1');
  if (text.includes('/')) return ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : undefined;
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return [ipaddr.IPv4.parse(text), 32];
  return ipaddr.IPv6.isValid(text) ? [ipaddr.IPv6.parse(text), 128] : undefined;
}

function invalid(text: string): Error {
  return new Error(`"${text}" is not a host or an address block, optionally with a port`);
}
