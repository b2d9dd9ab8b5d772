import { describe, expect, it } from '@jest/globals';
import { APIConnectionError, APIConnectionTimeoutError, OpenAI } from 'openai';
import { ConnectTimeoutError, TransportError } from '../../../../infra/http-client/transport.error.js';
import { LeanAnthropic } from '../anthropic/lean-client.js';
import { LeanOpenAI } from '../openai/lean-client.js';
import { transportFault } from './transport-fault.js';

type Client = Pick<OpenAI, 'get'> | Pick<LeanAnthropic, 'get'>;
type Broken = () => Promise<Response>;

const BASE = new URL('http://127.0.0.1:1/v1');

/** What comes of a failure of fetch behind a client. */
async function behind(make: (fetch: Broken) => Client, failure: Error): Promise<unknown> {
  const client = make(() => Promise.reject(failure));
  return client
    .get('/models')
    .asResponse()
    .then(
      () => undefined,
      (error: unknown) => error,
    );
}

const openai = (fetch: Broken): Client => new LeanOpenAI(BASE, null, fetch);
const anthropic = (fetch: Broken): Client => new LeanAnthropic(BASE.href, null, fetch);

describe('transportFault', () => {
  const late = new ConnectTimeoutError('example.org', 50, new Error('Connect Timeout Error'));

  it('finds a connect timeout that the SDK would replace by an error without a cause', async () => {
    const sdk = (fetch: Broken): Client => new OpenAI({ apiKey: 'x', maxRetries: 0, logLevel: 'off', fetch });
    expect(await behind(sdk, late)).toBeInstanceOf(APIConnectionTimeoutError);
    for (const client of [openai, anthropic]) {
      expect(transportFault(await behind(client, late))).toMatchObject({
        fault: 'timeout',
        phase: 'connect',
        message: 'no connection within 50 ms',
      });
    }
  });

  it('takes a connection that the network gave up for no connect timeout', async () => {
    const reset = Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'read' });
    expect(transportFault(await behind(openai, reset))?.fault).toBe('connection');
  });

  it.each(['connection', 'egress_refused', 'aborted'] as const)('keeps the kind %s', async (kind) => {
    const failure = new TransportError(kind, 'why');
    expect(transportFault(await behind(openai, failure))).toMatchObject({ fault: kind, message: 'why' });
    expect(transportFault(await behind(anthropic, failure))).toMatchObject({ fault: kind, message: 'why' });
  });

  it.each([new Error('other'), new APIConnectionError({ message: 'x' }), 'text', null])(
    'leaves %p alone',
    (error) => {
      expect(transportFault(error)).toBeUndefined();
    },
  );
});
