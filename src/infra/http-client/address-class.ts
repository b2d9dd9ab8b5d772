import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** `forbidden` is never talked to; `restricted` not in production unless allowed; `public` is the open internet. */
export interface AddressClass {
  level: 'public' | 'restricted' | 'forbidden';
  /** What kind of address, as an error says it. */
  what: string;
}

const PUBLIC: AddressClass = { level: 'public', what: 'a public address' };
const METADATA: AddressClass = { level: 'forbidden', what: 'a cloud metadata address' };
const LOOPBACK: AddressClass = { level: 'restricted', what: 'a loopback address' };
const PRIVATE: AddressClass = { level: 'restricted', what: 'a private address' };
const RESERVED: AddressClass = { level: 'restricted', what: 'a reserved address' };
const UNSPECIFIED: AddressClass = { level: 'forbidden', what: 'an unspecified address' };
const LINK_LOCAL: AddressClass = { level: 'forbidden', what: 'a link-local address' };
const MULTICAST: AddressClass = { level: 'forbidden', what: 'a multicast address' };
const BROADCAST: AddressClass = { level: 'forbidden', what: 'the broadcast address' };

/**
 * Where clouds serve instance metadata and credentials, beyond link-local 169.254.0.0/16 and fe80::/10:
 * - 100.100.100.200: Alibaba Cloud, "Obtain instance metadata" (ECS user guide)
 * - 168.63.129.16: Azure, "What is IP address 168.63.129.16?" (WireServer)
 * - 192.0.0.192: Oracle Cloud Infrastructure Classic, "Retrieving Instance Metadata"
 * - fd00:ec2::/32: AWS, "Access instance metadata" (fd00:ec2::254), "EKS Pod Identity" (fd00:ec2::23), DNS and NTP
 * - fd20:ce::254: Google Compute Engine, "About VM metadata" (IPv6)
 * - fd00:c1::a9fe:a9fe: Oracle Cloud Infrastructure, "Getting Instance Metadata" (IPv6)
 * - fd00:42::42: Scaleway, "Using the metadata API" (IPv6)
 */
const METADATA_BLOCKS: readonly [Address, number][] = [
  ipaddr.parseCIDR('100.100.100.200/32'),
  ipaddr.parseCIDR('168.63.129.16/32'),
  ipaddr.parseCIDR('192.0.0.192/32'),
  ipaddr.parseCIDR('fd00:ec2::/32'),
  ipaddr.parseCIDR('fd20:ce::254/128'),
  ipaddr.parseCIDR('fd00:c1::a9fe:a9fe/128'),
  ipaddr.parseCIDR('fd00:42::42/128'),
];

/** By ipaddr.js's names of IANA's special-purpose blocks; the rest of them (documentation, benchmarking, …) is reserved. */
const V4_RANGES: Readonly<Partial<Record<string, AddressClass>>> = {
  unicast: PUBLIC,
  unspecified: UNSPECIFIED,
  linkLocal: LINK_LOCAL,
  multicast: MULTICAST,
  broadcast: BROADCAST,
  loopback: LOOPBACK,
  private: PRIVATE,
  carrierGradeNat: PRIVATE,
};

/** RFC 4291 §2.4 and IANA's registry: only 2000::/3 is handed out as global unicast. */
const GLOBAL_UNICAST: [ipaddr.IPv6, number] = ipaddr.IPv6.parseCIDR('2000::/3');
const COMPATIBLE: [ipaddr.IPv6, number] = ipaddr.IPv6.parseCIDR('::/96');
const NAT64_WELL_KNOWN: [ipaddr.IPv6, number] = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/** Says what kind an address is; one that carries an IPv4 address inside is at least as bad as that one. */
export function classifyAddress(address: Address): AddressClass {
  if (
    METADATA_BLOCKS.some(([block, bits]) => address.kind() === block.kind() && address.match(block, bits))
  ) {
    return METADATA;
  }
  return address instanceof ipaddr.IPv4 ? classifyV4(address) : classifyV6(address);
}

function classifyV4(address: ipaddr.IPv4): AddressClass {
  return V4_RANGES[address.range()] ?? RESERVED;
}

function classifyV6(address: ipaddr.IPv6): AddressClass {
  const range: string = address.range();
  if (range === 'unspecified') return UNSPECIFIED;
  if (range === 'loopback') return LOOPBACK;
  if (range === 'linkLocal') return LINK_LOCAL;
  if (range === 'multicast') return MULTICAST;
  const outer = outerClass(address, range);
  return embeddedV4(address, range)
    .map(classifyAddress)
    .reduce((worst, inner) => (rank(inner) > rank(worst) ? inner : worst), outer);
}

function outerClass(address: ipaddr.IPv6, range: string): AddressClass {
  // Mapped and well-known NAT64 addresses are only another way to write the IPv4 address inside.
  if (range === 'ipv4Mapped' || address.match(NAT64_WELL_KNOWN)) return PUBLIC;
  if (range === 'uniqueLocal' || range === 'deprecatedSiteLocal') return PRIVATE;
  return range === 'unicast' && address.match(GLOBAL_UNICAST) ? PUBLIC : RESERVED;
}

/** Every IPv4 address that a router or relay might send packets for this IPv6 address to. */
function embeddedV4(address: ipaddr.IPv6, range: string): ipaddr.IPv4[] {
  const bytes = address.toByteArray();
  const at = (...positions: number[]): ipaddr.IPv4 => new ipaddr.IPv4(positions.map((p) => bytes[p] ?? 0));
  const last = at(12, 13, 14, 15);
  switch (range) {
    case 'ipv4Mapped': // RFC 4291 §2.5.5.2
    case 'rfc6145': // ::ffff:0:a.b.c.d, RFC 2765 §2.1
      return [last];
    case 'rfc6052':
      if (address.match(NAT64_WELL_KNOWN)) return [last];
      // 64:ff9b:1::/48 (RFC 8215) may be used with any prefix length of RFC 6052 §2.2; zeros there are no address.
      return [last, at(6, 7, 9, 10), at(7, 9, 10, 11), at(9, 10, 11, 12)].filter((v4) => v4.octets[0] !== 0);
    case '6to4': // RFC 3056 §2
      return [at(2, 3, 4, 5)];
    case 'teredo': // RFC 4380 §4: the server, and the client with its bits inverted
      return [at(4, 5, 6, 7), new ipaddr.IPv4(last.octets.map((octet) => octet ^ 0xff))];
    default:
      // ::a.b.c.d (RFC 4291 §2.5.5.1) and ISATAP's ::[02]00:5efe:a.b.c.d (RFC 5214 §6.1).
      if (address.match(COMPATIBLE)) return [last];
      return ((bytes[8] ?? 0) & 0xfd) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe
        ? [last]
        : [];
  }
}

function rank(address: AddressClass): number {
  return { public: 0, restricted: 1, forbidden: 2 }[address.level];
}
