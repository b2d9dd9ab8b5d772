import type { Attempt } from '../../src/modules/ai-providers/interfaces/attempt.interface.js';
import type { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { status } from '../fakes/upstream/upstream-script.js';
import { registerProvider, TYPES } from './support/providers.js';
import type { RunningService } from './support/running-service.js';
import { startServiceAndVendors } from './support/service-and-vendors.js';

interface Body {
  content?: string;
  code?: string;
  field?: string;
  message?: string;
  attempts?: Attempt[];
}

describe('what a status of a vendor leads to', () => {
  let service: RunningService;
  let first: FakeUpstream;
  let second: FakeUpstream;

  startServiceAndVendors((started) => ({ service, upstream: first, second } = started));

  const ask = (more: object = {}) =>
    service.call<Body>('POST', '/ai-providers/complete', { prompt: 'Hi', cache: false, ...more });

  /** What came of a request whose first provider answers so, and which fault that was. */
  async function afterRefusal(script: ReturnType<typeof status>): Promise<[number, string | undefined]> {
    first.default(script);
    second.default({ text: 'rescued' });
    await registerProvider(service, first, { type: 'CUSTOM', priority: 9, retryAttempts: 1 });
    await registerProvider(service, second, { type: 'CUSTOM', priority: 1, retryAttempts: 1 });
    const { status: got, body } = await ask();
    return [got, body.attempts?.[0]?.outcome];
  }

  it.each([
    [405, 'model_not_found'],
    [406, 'model_not_found'],
    [407, 'authentication'],
    [410, 'model_not_found'],
    [415, 'model_not_found'],
    [418, 'model_not_found'],
    [424, 'server_error'],
    [425, 'server_error'],
    [426, 'model_not_found'],
    [431, 'model_not_found'],
    [499, 'server_error'],
  ])('a %p is answered by the next provider', async (code, fault) => {
    expect(await afterRefusal(status(code, { body: '' }))).toEqual([200, fault]);
  });

  it.each([
    status(400, { body: '' }),
    status(413, { body: '' }),
    status(422, { body: '' }),
    status(415, { body: '{"error":{"message":"The image is of no supported format."}}' }),
  ])('one about the request is told to its caller: %j', async (script) => {
    expect(await afterRefusal(script)).toEqual([400, 'invalid_request']);
  });

  it.each(TYPES)('a forced tool without tools is refused by its name over %s', async (type) => {
    first.default({ text: 'Hi' });
    await registerProvider(service, first, { type });
    for (const toolChoice of ['required', { name: 'f' }]) {
      expect((await ask({ toolChoice })).body).toMatchObject({
        code: 'UNSUPPORTED_REQUEST',
        field: 'toolChoice',
      });
    }
    expect(first.calls).toHaveLength(0);
    expect((await ask({ toolChoice: 'auto' })).status).toBe(200);
  });
});
