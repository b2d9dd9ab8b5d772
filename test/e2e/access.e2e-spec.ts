import request from 'supertest';
import { RunningService } from './support/running-service.js';

const ADMIN = 'admin-secret:with-colon';
const CLIENT = 'client-secret-0001';
const MONITOR = 'monitor-secret-0001';

describe('access by key', () => {
  let service: RunningService;

  beforeAll(async () => {
    service = await RunningService.start({
      AI_API_KEYS: `root:admin:${ADMIN},app:client:${CLIENT},board:monitor:${MONITOR}`,
    });
  }, 90_000);

  afterAll(async () => {
    await service.stop();
  });

  const statusOf = async (method: string, path: string, headers: Record<string, string>): Promise<number> =>
    (await service.call(method, path, method === 'POST' || method === 'PUT' ? {} : undefined, headers))
      .status;
  const bearer = (secret: string): Record<string, string> => ({ authorization: `Bearer ${secret}` });

  // An allowed request with an empty body is a 400 or 404: it got past the guard.
  it.each([
    ['GET', '/ai-providers', { [ADMIN]: 200, [CLIENT]: 403, [MONITOR]: 200 }],
    ['POST', '/ai-providers', { [ADMIN]: 400, [CLIENT]: 403, [MONITOR]: 403 }],
    ['GET', '/ai-providers/health/check', { [ADMIN]: 200, [CLIENT]: 403, [MONITOR]: 200 }],
    ['POST', '/ai-providers/complete', { [ADMIN]: 400, [CLIENT]: 400, [MONITOR]: 403 }],
    [
      'GET',
      '/ai-providers/3f2b8c1e-0000-4000-8000-000000000000',
      { [ADMIN]: 404, [CLIENT]: 403, [MONITOR]: 404 },
    ],
    [
      'PUT',
      '/ai-providers/3f2b8c1e-0000-4000-8000-000000000000',
      { [ADMIN]: 404, [CLIENT]: 403, [MONITOR]: 403 },
    ],
    [
      'DELETE',
      '/ai-providers/3f2b8c1e-0000-4000-8000-000000000000',
      { [ADMIN]: 404, [CLIENT]: 403, [MONITOR]: 403 },
    ],
    ['GET', '/docs-json', { [ADMIN]: 200, [CLIENT]: 403, [MONITOR]: 200 }],
  ])('lets the right roles through %s %s', async (method, path, expected) => {
    for (const [secret, code] of Object.entries(expected)) {
      expect(await statusOf(method, path, bearer(secret))).toBe(code);
      expect(await statusOf(method, path, { 'x-api-key': secret })).toBe(code);
    }
    expect(await statusOf(method, path, {})).toBe(401);
    expect(await statusOf(method, path, bearer('wrong'))).toBe(401);
  });

  it('takes no key from the URL', async () => {
    expect(await statusOf('GET', `/ai-providers?key=${ADMIN}&api_key=${ADMIN}`, {})).toBe(401);
  });

  it('answers without a key in the one form of error', async () => {
    const unknown = await request(service.url)
      .get('/ai-providers')
      .expect(401)
      .expect('www-authenticate', 'Bearer')
      .expect('content-type', /application\/json/);
    expect(unknown.body).toMatchObject({
      statusCode: 401,
      code: 'UNAUTHENTICATED',
      requestId: expect.any(String) as string,
    });
    const refused = await request(service.url).get('/ai-providers').set(bearer(CLIENT)).expect(403);
    expect(refused.body).toMatchObject({ statusCode: 403, code: 'FORBIDDEN' });
  });

  it('leaves the orchestrator’s probes open, saying no more than up', async () => {
    for (const path of ['/health/live', '/health/ready']) {
      expect(await service.call('GET', path)).toMatchObject({ status: 200, body: { status: 'up' } });
    }
  });

  it('prints no access key', async () => {
    await service.call('GET', '/ai-providers', undefined, bearer(CLIENT));
    for (const secret of [ADMIN, CLIENT, MONITOR]) expect(service.output()).not.toContain(secret);
  });
});
