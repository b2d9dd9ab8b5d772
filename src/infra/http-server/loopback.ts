import { BlockList, isIP } from 'node:net';

/** 127.0.0.0/8 (RFC 1122 §3.2.1.3) and ::1 (RFC 4291 §2.5.3); IPv4 in IPv6 is found as well. */
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether an IP address is this machine's own. */
export function isLoopbackAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && LOOPBACK.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Whether a host, an address or `localhost` and what is below it (RFC 6761 §6.3), can mean this machine alone. */
export function isLoopbackHost(host: string): boolean {
  return isIP(host) === 0 ? /^(?:[^:/]+\.)?localhost\.?$/i.test(host) : isLoopbackAddress(host);
}
