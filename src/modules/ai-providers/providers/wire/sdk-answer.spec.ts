import { describe, expect, it } from '@jest/globals';
import { OpenAIClient } from '../openai/openai.client.js';
import { VendorClient } from './vendor.client.js';

describe('SdkAnswer', () => {
  const sent: unknown[] = [];
  const vendor = new VendorClient({
    fetch: (url, init) => {
      sent.push([init?.method, url, init?.body]);
      return Promise.resolve(new Response('{}'));
    },
    baseUrl: new URL('http://127.0.0.1:9/v1'),
    headers: () => ({}),
  });
  const client = new OpenAIClient(vendor, 'http://127.0.0.1:9/v1');

  it("sends an SDK's method as it is, with its body or without", async () => {
    await client.models.retrieve('m').asResponse();
    await client.post('/chat', { body: { a: 1 } }).asResponse();
    expect(sent).toEqual([
      ['GET', 'http://127.0.0.1:9/v1/models/m', undefined],
      ['POST', 'http://127.0.0.1:9/v1/chat', '{"a":1}'],
    ]);
  });

  it('refuses what it does not send, and lets nothing past the vendor client', async () => {
    await expect(client.models.delete('m').asResponse()).rejects.toThrow('VendorClient sends no delete');
    await expect(client.models.list()).rejects.toThrow('Connection error');
    expect(sent).toHaveLength(2);
  });
});
