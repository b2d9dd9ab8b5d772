import { describe, expect, it } from '@jest/globals';
import { authHeaderProblem, headerProblems } from './provider-headers.js';

describe('further headers', () => {
  it.each([
    [{}],
    [{ 'OpenAI-Organization': 'org-1', 'HTTP-Referer': 'https://example.com/a b' }],
    [{ 'x-t': '1' }],
    [null],
  ])('may be %j', (headers) => {
    expect(headerProblems(headers ?? {}, 'bearer')).toEqual([]);
  });

  it.each([
    'Host',
    'content-length',
    'Content-Type',
    'Transfer-Encoding',
    'connection',
    'TE',
    'Expect',
    'Cookie',
    'Proxy-Authorization',
    'Authorization',
    'x-api-key',
    'api-key',
    'X-Goog-Api-Key',
    'anthropic-version',
    'User-Agent',
    'accept-encoding',
    'traceparent',
    'with space',
    'umlaut-ä',
    'line\nbreak',
    '',
  ])('may not be named %j', (name) => {
    expect(headerProblems({ [name]: 'hush' }, 'bearer')).toEqual([expect.stringMatching(/^headers/)]);
  });

  it.each(['', ' ', ' hush', 'hush ', 'hu\nsh', 'hu\u0000sh', 'hüsh', 7, null, ['hush'], 'x'.repeat(5_000)])(
    'may not have the value %j, which is not repeated',
    (value) => {
      const found = headerProblems({ 'X-Org': value }, 'bearer');
      expect(found).toEqual([expect.stringMatching(/^headers\.X-Org /)]);
      expect(found[0]).not.toMatch(/h[uü]/);
    },
  );

  it('may not come twice, nor carry the key too, nor be too many', () => {
    expect(headerProblems({ 'X-A': '1', 'x-a': '2' }, 'bearer')).toHaveLength(1);
    expect(headerProblems({ 'X-Key': '1' }, 'x-key')).toHaveLength(1);
    const many = Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`x-${n}`, '1']));
    expect(headerProblems(many, 'bearer')).toEqual(['headers must not be more than 32']);
    expect(headerProblems([], 'bearer')).toHaveLength(1);
  });
});

describe('the header of the key', () => {
  it.each(['api-key', 'x-api-key', 'Authorization', 'Ocp-Apim-Subscription-Key'])('may be %s', (name) => {
    expect(authHeaderProblem(name)).toBeNull();
  });

  it.each(['Host', 'content-type', 'accept', 'traceparent', 'two words', 'a:b', ''])(
    'may not be %j',
    (name) => {
      expect(authHeaderProblem(name)).toMatch(/^authHeader /);
    },
  );
});
