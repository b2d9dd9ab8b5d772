import { describe, expect, it } from '@jest/globals';
import { APIConnectionError } from 'openai';
import { ConnectTimeoutError, TransportError } from '../../../../infra/http-client/transport.error.js';
import { VendorClient } from '../wire/vendor.client.js';
import { transportFault } from './transport-fault.js';

/** What comes of a failure of fetch behind a vendor's client. */
async function behindClient(failure: Error): Promise<unknown> {
  const client = new VendorClient({
    fetch: () => Promise.reject(failure),
    baseUrl: new URL('http://127.0.0.1:1/v1'),
    headers: () => ({}),
  });
  return client.get('/models', new AbortController().signal).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('transportFault', () => {
  const late = new ConnectTimeoutError('example.org', 50, new Error('Connect Timeout Error'));

  it('finds a connect timeout', async () => {
    expect(transportFault(await behindClient(late))).toMatchObject({
      fault: 'timeout',
      phase: 'connect',
      message: 'no connection within 50 ms',
    });
  });

  it('takes a connection that the network gave up for no connect timeout', async () => {
    const reset = Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'read' });
    expect(transportFault(await behindClient(reset))?.fault).toBe('connection');
  });

  it.each(['connection', 'egress_refused', 'aborted'] as const)('keeps the kind %s', async (kind) => {
    const failure = new TransportError(kind, 'why');
    expect(transportFault(await behindClient(failure))).toMatchObject({ fault: kind, message: 'why' });
  });

  it.each([new Error('other'), new APIConnectionError({ message: 'x' }), 'text', null])(
    'leaves %p alone',
    (error) => {
      expect(transportFault(error)).toBeUndefined();
    },
  );
});
