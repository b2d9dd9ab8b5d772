import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { EgressPolicy } from './egress-policy.js';
import { MessageRefusedError, SignedWebhook } from './signed-webhook.js';

const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes, ok').toString('base64')}`;
const MESSAGE = { id: 'msg_1', payload: '{}' };
const ENDLESS_CHUNK = Buffer.alloc(64 * 1024, 'x');

/** Writes for as long as somebody reads; resolves with what was written when the connection is closed. */
async function endless(response: ServerResponse): Promise<number> {
  let written = 0;
  while (!response.destroyed) {
    written += ENDLESS_CHUNK.length;
    if (!response.write(ENDLESS_CHUNK))
      await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  return written;
}

describe('SignedWebhook', () => {
  let server: Server;
  let webhook: SignedWebhook;

  const open = async (answer: (response: ServerResponse) => void): Promise<void> => {
    server = createServer((request, response) => {
      request.resume();
      request.on('end', () => answer(response));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    webhook = new SignedWebhook(url, SECRET, new EgressPolicy({ production: false, allow: [] }));
  };

  afterEach(async () => {
    await webhook.close();
    server.closeAllConnections();
    server.close();
  });

  it.each([200, 500])('reads no more than a little of an answer that never ends (%d)', async (status) => {
    let written: Promise<number> | undefined;
    await open((response) => {
      response.writeHead(status);
      written = endless(response);
    });
    const sent = webhook.send(MESSAGE, new Date());
    if (status === 200) await sent;
    else await expect(sent).rejects.toThrow(MessageRefusedError);
    // What the sockets on both sides hold, and not the megabytes of a second.
    expect(await written).toBeLessThan(16 * 1024 * 1024);
  });
});
