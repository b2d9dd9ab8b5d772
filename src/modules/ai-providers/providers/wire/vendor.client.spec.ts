import { describe, expect, it } from '@jest/globals';
import { VendorClient } from './vendor.client.js';

const { signal } = new AbortController();

/** A client that notes what it sends. */
function noting(baseUrl: string): { client: VendorClient; sent: { url: string; init?: RequestInit }[] } {
  const sent: { url: string; init?: RequestInit }[] = [];
  const client = new VendorClient({
    fetch: (url, init) => {
      sent.push({ url, init });
      return Promise.resolve(new Response('{}'));
    },
    baseUrl: new URL(baseUrl),
    headers: () => ({ key: 'k' }),
  });
  return { client, sent };
}

describe('VendorClient', () => {
  it.each([
    ['https://h.example', '/models', 'https://h.example/models'],
    ['https://h.example/v1///', '/models', 'https://h.example/v1/models'],
    ['https://h.example/v1?tenant=a%20b', '/models', 'https://h.example/v1/models?tenant=a%20b'],
    ['https://h.example/v1?a=1&b=2', '/models?limit=1', 'https://h.example/v1/models?limit=1&a=1&b=2'],
  ])('asks at %s for %s: %s', async (baseUrl, path, url) => {
    const { client, sent } = noting(baseUrl);
    await client.get(path, signal);
    expect(sent).toEqual([{ url, init: { method: 'GET', headers: { key: 'k' }, signal } }]);
  });

  it('sends well-formed JSON, whatever the body holds', async () => {
    const { client, sent } = noting('https://h.example');
    await client.post('/chat', { deep: [{ 'cut\ud83d': 'low \udc00' }] }, signal);
    expect(sent[0]?.init?.body).toBe('{"deep":[{"cut\ufffd":"low \ufffd"}]}');
    expect(sent[0]?.init?.headers).toEqual({ key: 'k', 'content-type': 'application/json' });
  });

  it('throws a refusal with its status and words, read to its bound', async () => {
    const client = new VendorClient({
      fetch: () => Promise.resolve(new Response(`{"error":"No."}${' '.repeat(1e6)}`, { status: 418 })),
      baseUrl: new URL('https://h.example'),
      headers: () => ({}),
    });
    await expect(client.get('/', signal)).rejects.toMatchObject({ status: 418, said: { message: 'No.' } });
  });
});
