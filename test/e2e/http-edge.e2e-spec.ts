import { eventually } from '../integration/support/eventually.js';
import { RawConnection } from './support/raw-connection.js';
import { RunningService } from './support/running-service.js';

const CLIENT = 'client-secret-0001';
const ADMIN = 'admin-secret-00001';
const BODY_LIMIT = 200_000;
const TIMEOUT_MS = 1_500;

let open: RunningService;
let keyed: RunningService;

beforeAll(async () => {
  open = await RunningService.start({
    AI_ALLOWED_HOSTS: 'ai.example.test',
    AI_CORS_ORIGINS: 'https://app.example.com',
  });
  keyed = await RunningService.start({
    AI_API_KEYS: `root:admin:${ADMIN},app:client:${CLIENT}`,
    AI_BODY_LIMIT_BYTES: String(BODY_LIMIT),
    AI_REQUEST_TIMEOUT_MS: String(TIMEOUT_MS),
  });
}, 120_000);

afterAll(async () => {
  await open?.stop();
  await keyed?.stop();
}, 60_000);

/** The status of a request on a connection of its own, with these lines after its first. */
async function statusOf(service: RunningService, start: string, ...headers: string[]): Promise<number> {
  const connection = await RawConnection.open(service.url);
  connection.send(`${start} HTTP/1.1`, ...headers, 'connection: close', '', '');
  return (await connection.answer()).status;
}

describe('without keys, on loopback', () => {
  it.each([
    ['127.0.0.1:3000', 200],
    ['LocalHost', 200],
    ['localhost.:80', 200],
    ['app.localhost:3000', 200],
    ['[::1]:3000', 200],
    ['127.8.8.8', 200],
    ['AI.example.test:3000', 200],
    ['evil.example', 403],
    ['evil.example:3000', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['0.0.0.0:3000', 403],
    ['[fe80::1]', 403],
    ['', 403],
  ])('answers a Host of %s with %i', async (host, status) => {
    expect(await statusOf(open, 'GET /api/ai-providers', `host: ${host}`)).toBe(status);
    expect(await statusOf(open, 'GET /api/docs', `host: ${host}`)).toBe(status);
    expect(await statusOf(open, 'GET /api/health/live', `host: ${host}`)).toBe(200);
  });

  it.each([
    ['cross-site', 403],
    ['same-site', 403],
    ['same-origin', 400],
    ['none', 400],
  ])('answers a POST that a browser calls %s with %i, and every GET', async (site, status) => {
    const headers = { 'sec-fetch-site': site };
    for (const path of ['/ai-providers', '/ai-providers/complete', '/ai-providers/v1/chat/completions']) {
      expect((await open.call('POST', path, {}, headers)).status).toBe(status);
    }
    expect((await open.call('GET', '/ai-providers', undefined, headers)).status).toBe(200);
  });

  it('lets the pages of the origins that the operator names call it', async () => {
    const headers = { origin: 'https://app.example.com', 'sec-fetch-site': 'cross-site' };
    const answer = await open.call('POST', '/ai-providers/complete', {}, headers);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    const preflight = {
      origin: headers.origin,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'x-api-key',
    };
    const allowed = await open.call('OPTIONS', '/ai-providers', undefined, preflight);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-methods')).toContain('PUT');
    expect(allowed.headers.get('access-control-allow-headers')).toBe('x-api-key');
    const other = await open.call('GET', '/ai-providers', undefined, { origin: 'https://evil.example' });
    expect(other.headers.get('access-control-allow-origin')).not.toBe('https://evil.example');
  });

  it('allows no origin where the operator names none', async () => {
    const { headers } = await keyed.call('GET', '/ai-providers', undefined, {
      origin: 'https://app.example.com',
      'x-api-key': ADMIN,
    });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('says once that callers elsewhere are refused, and each refusal in a line', async () => {
    await open.call(
      'POST',
      '/ai-providers/complete',
      {},
      { 'sec-fetch-site': 'cross-site', 'x-request-id': 'refused-1' },
    );
    expect(open.output().match(/There are no access keys/g)).toHaveLength(1);
    const lineOf = (): string | undefined =>
      open
        .output()
        .split('\n')
        .find((text) => text.includes('refused-1'));
    await eventually(5_000, () => lineOf() !== undefined);
    const line = lineOf();
    expect(line).toContain('Refused POST /api/ai-providers/complete');
    expect(line).toContain('FORBIDDEN');
  });
});

describe('with keys', () => {
  it.each([
    '/api/docs-json',
    '/api/%64ocs-json',
    '/api/docs-yaml',
    '/api/doc%73-json',
    '/api/docs-json/',
    '/api/docs-json?x=1',
  ])('shows the description at %s to no client, and to nobody without a key', async (path) => {
    expect(await statusOf(keyed, `GET ${path}`, 'host: x')).toBe(401);
    expect(await statusOf(keyed, `GET ${path}`, 'host: x', `x-api-key: ${CLIENT}`)).toBe(403);
    expect(await statusOf(keyed, `GET ${path}`, 'host: x', `x-goog-api-key: ${ADMIN}`)).toBe(200);
  });

  it.each([
    '//api/ai-providers',
    '/api//ai-providers',
    '/API/ai-providers',
    '/api/ai-providers/..',
    '/api/%2e%2e/api/ai-providers',
    '/api/health/live/../../ai-providers',
    '/api/health/live%2f..',
    '/api/ai-providers%00',
  ])('gives nothing without a key at %s', async (path) => {
    expect([400, 401, 404]).toContain(await statusOf(keyed, `GET ${path}`, 'host: x'));
  });

  it('shows the pages of the documentation without one, and leads there', async () => {
    const page = await keyed.call('GET', '/docs');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect((await keyed.call('GET', '/docs/swagger-ui-init.js')).status).toBe(200);
    const root = await fetch(new URL('/', keyed.url), { redirect: 'manual' });
    expect([root.status, root.headers.get('location')]).toEqual([302, '/api/docs']);
    expect((await keyed.call('GET', '')).status).toBe(200);
  });

  it('takes a trailing slash', async () => {
    expect((await keyed.call('GET', '/ai-providers/', undefined, { 'x-api-key': ADMIN })).status).toBe(200);
  });
});

describe('bodies', () => {
  const chunked = (path: string, key = ''): string[] => [
    `POST ${path} HTTP/1.1`,
    'host: localhost',
    'content-type: application/json',
    'transfer-encoding: chunked',
    ...(key === '' ? [] : [`x-api-key: ${key}`]),
    '',
    '',
  ];
  const chunk = (bytes: number): string => `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`;

  it('answers a chunked body at the limit, though it never ends, and closes', async () => {
    const connection = await RawConnection.open(keyed.url);
    connection.send(...chunked('/api/ai-providers/complete', CLIENT)).send(chunk(BODY_LIMIT + 1));
    const answered = await connection.answer({ untilClosed: false });
    expect(answered.status).toBe(413);
    expect(answered.text).toContain('PAYLOAD_TOO_LARGE');
    connection.drip(chunk(10), 50);
    expect((await connection.answer()).ms).toBeLessThan(5_000);
  });

  it('answers a body that is announced too large without reading it', async () => {
    const connection = await RawConnection.open(keyed.url);
    connection.send(
      'POST /api/ai-providers/v1/chat/completions HTTP/1.1',
      'host: localhost',
      'content-type: application/json',
      `x-api-key: ${CLIENT}`,
      'content-length: 9999999',
      '',
      '',
    );
    expect((await connection.answer()).status).toBe(413);
  });

  it('lets a caller who sends a body far too large read why', async () => {
    const answer = await keyed.call(
      'POST',
      '/ai-providers/complete',
      { prompt: 'x'.repeat(20_000_000) },
      { 'x-api-key': CLIENT },
    );
    expect(answer).toMatchObject({ status: 413, body: { code: 'PAYLOAD_TOO_LARGE' } });
  });

  it.each([
    ['401', '/api/ai-providers/complete', 'no key', ''],
    ['403', '/api/ai-providers', 'a client’s key', CLIENT],
    ['404', '/api/nothing', 'a key', CLIENT],
  ])(
    'answers %s at %s with %s, and ends the connection of a body that trickles in',
    async (...[status, path, , key]) => {
      const connection = await RawConnection.open(keyed.url);
      connection.send(...chunked(path, key)).send(chunk(1));
      connection.drip(chunk(1), 100);
      const answered = await connection.answer();
      expect(answered.status).toBe(Number(status));
      expect(answered.ms).toBeLessThan(TIMEOUT_MS + 4_000);
    },
  );

  it('answers a body that trickles in with 408 when its time is over', async () => {
    const connection = await RawConnection.open(keyed.url);
    connection.send(...chunked('/api/ai-providers/complete', CLIENT)).send(chunk(1));
    connection.drip(chunk(1), 100);
    const answered = await connection.answer();
    expect(answered.status).toBe(408);
    expect(answered.text).toContain('REQUEST_TIMEOUT');
    expect(answered.ms).toBeGreaterThan(TIMEOUT_MS - 200);
    expect(answered.ms).toBeLessThan(TIMEOUT_MS + 4_000);
  });

  it('ends a connection whose head trickles in', async () => {
    const connection = await RawConnection.open(keyed.url);
    connection.send('GET /api/ai-providers HTTP/1.1', 'host: localhost', 'x-drip: ');
    connection.drip('x', 100);
    expect((await connection.answer({ withinMs: 12_000 })).status).toBe(408);
  }, 20_000);

  it('keeps the connection of a caller who was refused and had sent all', async () => {
    const connection = await RawConnection.open(keyed.url);
    const body = '{"prompt":1}';
    const request = [
      'POST /api/ai-providers/complete HTTP/1.1',
      'host: localhost',
      'content-type: application/json',
      `x-api-key: ${CLIENT}`,
      `content-length: ${body.length}`,
      '',
      body,
    ];
    connection.send(...request);
    expect((await connection.answer({ untilClosed: false })).status).toBe(400);
    expect(connection.isOpen).toBe(true);
    connection.close();
  });
});
