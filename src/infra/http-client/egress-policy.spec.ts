import fc from 'fast-check';
import { EgressPolicy, parseEgressRule } from './egress-policy.js';

type V4 = [number, number, number, number];

const everything = ['0.0.0.0/0', '::/0', '169.254.169.254', 'metadata.google.internal', 'evil.test'].map(
  parseEgressRule,
);
const lenient = new EgressPolicy({ production: false, allow: everything });
const production = new EgressPolicy({ production: true, allow: [] });

const byte = fc.integer({ min: 0, max: 255 });
const within = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const fixed = (...octets: V4): fc.Arbitrary<V4> => fc.constant(octets);

const forbidden: fc.Arbitrary<V4> = fc.oneof(
  fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
  fc.tuple(within(224, 239), byte, byte, byte),
  fixed(255, 255, 255, 255),
  fixed(169, 254, 169, 254),
  fixed(100, 100, 100, 200),
  fixed(168, 63, 129, 16),
  fixed(192, 0, 0, 192),
);
const inner: fc.Arbitrary<V4> = fc.oneof(
  fc.tuple(fc.constant(127), byte, byte, byte),
  fc.tuple(fc.constant(10), byte, byte, byte),
  fc.tuple(fc.constant(172), within(16, 31), byte, byte),
  fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
  fc.tuple(fc.constant(100), within(64, 99), byte, byte),
  fc.tuple(fc.constant(198), within(18, 19), byte, byte),
  fc.tuple(within(240, 254), byte, byte, byte),
);

const hex = (n: number): string => n.toString(16);
const radixes: ((n: number) => string)[] = [
  String,
  (n) => `0${n.toString(8)}`,
  (n) => `0x${hex(n)}`,
  (n) => `0X00${hex(n)}`,
];

/** Every way in which a URL may write an IPv4 address. */
function spellings4([a, b, c, d]: V4, styles: number[]): string[] {
  const style = (n: number, i: number): string => (radixes[(styles[i] ?? 0) % radixes.length] ?? String)(n);
  const whole = ((a * 256 + b) * 256 + c) * 256 + d;
  const dotted = [a, b, c, d].map(style).join('.');
  return [
    dotted,
    `${dotted}.`,
    style(whole, 0),
    [style(a, 0), style((b * 256 + c) * 256 + d, 1)].join('.'),
    [style(a, 0), style(b, 1), style(c * 256 + d, 2)].join('.'),
    [...`${a}.${b}.${c}.${d}`].map((char) => `%${hex(char.charCodeAt(0))}`).join(''),
    `${a}。${b}．${c}｡${d}`,
    [...`${a}.${b}.${c}.${d}`]
      .map((char) => (char === '.' ? '.' : String.fromCodePoint(0xff10 + Number(char))))
      .join(''),
  ];
}

/** Every IPv6 address that leads to an IPv4 one. */
function spellings6([a, b, c, d]: V4): string[] {
  const high = hex(a * 256 + b);
  const low = hex(c * 256 + d);
  const inverted = `${hex(0xffff ^ (a * 256 + b))}:${hex(0xffff ^ (c * 256 + d))}`;
  return [
    `::ffff:${a}.${b}.${c}.${d}`,
    `::ffff:${high}:${low}`,
    `0:0:0:0:0:FFFF:${high}:${low}`,
    `::ffff:0:${high}:${low}`,
    `::${high}:${low}`,
    `64:ff9b::${high}:${low}`,
    `64:ff9b:1::${high}:${low}`,
    `64:ff9b:1:${high}:${hex(c)}:${hex(d * 256)}::`,
    `2002:${high}:${low}::1`,
    `2001:0:${high}:${low}:0:0:f7f7:f7f7`,
    `2001:0:808:808:0:0:${inverted}`,
    `2001:db9::5efe:${high}:${low}`,
    `2001:db9::200:5efe:${high}:${low}`,
  ].map((address) => `[${address}]`);
}

const allowed = (policy: EgressPolicy, host: string): boolean =>
  policy.check(`http://${host}:8080/v1`).allowed;

describe('EgressPolicy', () => {
  it('refuses a forbidden address in every spelling, in IPv6 too, whatever the rules allow', () => {
    fc.assert(
      fc.property(forbidden, fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }), (address, styles) => {
        const hosts = [...spellings4(address, styles), ...spellings6(address)];
        expect(hosts.filter((host) => allowed(lenient, host))).toEqual([]);
      }),
    );
  });

  it('refuses loopback, private and reserved addresses in production in every spelling, and takes them outside it', () => {
    fc.assert(
      fc.property(inner, fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }), (address, styles) => {
        const hosts = [...spellings4(address, styles), ...spellings6(address)];
        expect(hosts.filter((host) => allowed(production, host))).toEqual([]);
        // In 64:ff9b:1::/48 the place of the IPv4 address is not known: every reading counts, so it may be refused anyway.
        const clear = hosts.filter((host) => !host.startsWith('[64:ff9b:1:'));
        expect(clear.filter((host) => !allowed(lenient, host))).toEqual([]);
      }),
    );
  });

  it.each([
    '0.0.0.0',
    '0',
    '0.1.2.3',
    '[::]',
    '[::ffff:0.0.0.0]',
    '[fe80::1]',
    '[febf::1]',
    '[ff02::1]',
    '[fd00:ec2::254]',
    '[FD00:0EC2:0:0:0:0:0:0254]',
    '[fd20:ce::254]',
    'metadata.google.internal',
    'METADATA.google.internal.',
    'metadata%2egoogle.internal',
    'metadata.goog',
    'instance-data',
  ])('always refuses %s', (host) => {
    expect(lenient.check(`http://${host}/`)).toMatchObject({
      allowed: false,
      reason: expect.any(String) as string,
    });
  });

  it.each([
    '[::1]',
    '[fc00::1]',
    '[fec0::1]',
    '[2001:db8::1]',
    '[100::1]',
    '[4000::1]',
    'localhost',
    'a.localhost.',
  ])('refuses %s in production only', (host) => {
    expect(allowed(production, host)).toBe(false);
    expect(allowed(new EgressPolicy({ production: false, allow: [] }), host)).toBe(true);
  });

  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '[2606:4700::1111]',
    '[64:ff9b::8.8.8.8]',
    'api.openai.com',
    '172.32.0.1',
    '100.128.0.1',
  ])('takes the public %s in production', (host) => {
    expect(production.check(`https://${host}/v1`)).toEqual({ allowed: true });
  });

  it.each(['ftp://a.test/', 'file:///etc/passwd', 'javascript:1', 'not a url', '', 'gopher://127.0.0.1/'])(
    'refuses %j for its scheme or form',
    (url) => {
      expect(lenient.check(url).allowed).toBe(false);
    },
  );

  it('lets a rule open its host or block, at its port only, in production', () => {
    const allow = ['localhost:11434', '10.1.0.0/16', '[fd12::]/16:8080', '192.168.1.5:9000'].map(
      parseEgressRule,
    );
    const policy = new EgressPolicy({ production: true, allow });
    const takes = (url: string): boolean => policy.check(url).allowed;
    expect(['http://10.1.2.3/', 'https://[::ffff:10.1.2.3]:9/', 'http://[fd12::9]:8080/'].map(takes)).toEqual(
      [true, true, true],
    );
    expect(['http://10.2.0.1/', 'http://[fd12::9]/', 'http://[fd13::9]:8080/'].map(takes)).toEqual([
      false,
      false,
      false,
    ]);
    expect(['http://localhost:11434/', 'http://localhost/'].map(takes)).toEqual([true, false]);
    expect(
      ['http://192.168.1.5:9000', 'http://192.168.1.5:9001', 'http://192.168.1.6:9000'].map(takes),
    ).toEqual([true, false, false]);
    expect(policy.checkAddress('127.0.0.1', 'localhost', 11434).allowed).toBe(true);
    expect(policy.checkAddress('127.0.0.1', 'other.test', 11434).allowed).toBe(false);
  });
});

describe('parseEgressRule', () => {
  it.each([
    '',
    ' ',
    'a b',
    'http://x',
    '10.0.0.0/33',
    '10.0.0',
    '1.2.3.4.5',
    'host:0',
    'host:70000',
    'host:',
    '[::1',
    '*.x',
    '0x7f.1',
  ])('throws naming the entry %j', (text) => {
    expect(() => parseEgressRule(text)).toThrow(`"${text}"`);
  });

  it('reads a host whatever its case and trailing dot', () => {
    expect(parseEgressRule(' Ollama.Internal.:11434 ')).toEqual({
      kind: 'host',
      host: 'ollama.internal',
      port: 11434,
    });
  });

  it('reads any IPv4 block with any port', () => {
    fc.assert(
      fc.property(fc.ipV4(), within(0, 32), fc.option(within(1, 65535)), (address, bits, port) => {
        const rule = parseEgressRule(`${address}/${bits}${port === null ? '' : `:${port}`}`);
        expect(rule).toMatchObject({ kind: 'block', port });
        const policy = new EgressPolicy({ production: true, allow: [rule] });
        expect(policy.checkAddress(address, address, port ?? 80).allowed).toBe(
          new EgressPolicy({ production: false, allow: [] }).checkAddress(address, address, 80).allowed,
        );
      }),
    );
  });
});
