import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readErrorBody } from './error-body.js';
import { MAX_ERROR_BYTES } from './error-text.js';

const messageOf = (body: unknown): string | undefined => readErrorBody(body).message;

describe('readErrorBody', () => {
  it.each([
    ['OpenAI', { error: { message: 'No such thing.', type: 't', param: null, code: 'c' } }, 'No such thing.'],
    ['Anthropic', { type: 'error', error: { type: 'api_error', message: 'It broke.' } }, 'It broke.'],
    ['Ollama', { error: 'the runner crashed' }, 'the runner crashed'],
    ['a single word', { error: 'overloaded' }, 'overloaded'],
    ['TGI', { error: 'Input is bad', error_type: 'validation' }, 'Input is bad'],
    ['FastAPI with a text', { detail: 'Not Found' }, 'Not Found'],
    [
      'MiniMax',
      { base_resp: { status_code: 1004, status_msg: 'login fail: bad key' } },
      'login fail: bad key',
    ],
    ['Baidu', { error_code: 336007, error_msg: 'too many tokens' }, 'too many tokens'],
    [
      'OAuth',
      { error: 'invalid_client', error_description: 'The client is unknown' },
      'The client is unknown',
    ],
    ['AWS', { __type: 'ValidationException', Message: 'Input is too long.' }, 'Input is too long.'],
    ['a list', [{ error: { code: 503, message: 'Busy now.' } }], 'Busy now.'],
    [
      'Cloudflare',
      { success: false, errors: [{ code: 7003, message: 'No route' }], result: null },
      'No route',
    ],
    ['a deep one', { a: { b: [{ c: { d: { message: 'Deep down.' } } }] } }, 'Deep down.'],
    ['an unknown field', { whatever: 'This went wrong' }, 'This went wrong'],
    ['no blanks between words', { msg: '输入长度超出限制' }, '输入长度超出限制'],
    ['a plain text', 'upstream is gone', 'upstream is gone'],
    ['JSON without a sentence', '{"foo":1}', '{"foo":1}'],
    ['JSON without a sentence, parsed', { foo: 1 }, '{"foo":1}'],
  ])('finds the sentence of %s, parsed and as text', (_whose, body, expected) => {
    expect(messageOf(body)).toBe(expected);
    if (typeof body !== 'string') expect(messageOf(JSON.stringify(body))).toBe(expected);
  });

  it.each([
    [
      'Mistral',
      {
        object: 'error',
        message: {
          detail: [
            {
              type: 'extra_forbidden',
              loc: ['body', 'stream_options', 'include_usage'],
              msg: 'Extra inputs are not permitted',
              input: true,
            },
          ],
        },
      },
      'Extra inputs are not permitted (stream_options.include_usage)',
    ],
    [
      'FastAPI',
      { detail: [{ loc: ['body', 'messages', 0, 'role'], msg: 'bad role' }] },
      'bad role (messages.0.role)',
    ],
    ['OpenAI', { error: { message: 'Unknown parameter.', param: 'foo' } }, 'Unknown parameter. (foo)'],
    [
      'OpenAI that names it',
      { error: { message: "Unsupported: 'foo'", param: 'foo' } },
      "Unsupported: 'foo'",
    ],
    [
      'a map of fields',
      { errors: { max_tokens: ['is too large', 'is odd'] } },
      'is too large (max_tokens); is odd (max_tokens)',
    ],
    [
      'Google',
      {
        error: {
          code: 400,
          message: 'Invalid argument.',
          details: [
            {
              '@type': 'BadRequest',
              fieldViolations: [{ field: 'contents', description: 'Must not be empty' }],
            },
            { links: [{ description: 'Learn more here', url: 'https://x' }] },
          ],
        },
      },
      'Invalid argument.; Must not be empty (contents)',
    ],
    [
      'an echo of the request',
      { detail: [{ loc: ['body', 'n'], msg: 'bad number', input: { message: 'my own secret prompt' } }] },
      'bad number (n)',
    ],
  ])('says with the words of %s which part is meant', (_whose, body, expected) => {
    expect(messageOf(body)).toBe(expected);
  });

  it.each([
    [
      'OpenRouter',
      {
        error: {
          message: 'Provider returned error',
          code: 400,
          metadata: {
            raw: '{"error":{"message":"The inner words.","code":"inner_code"}}',
            provider_name: 'X',
          },
        },
      },
    ],
    [
      'an object inside',
      {
        error: {
          message: 'Upstream failed',
          raw: { error: { message: 'The inner words.', code: 'inner_code' } },
        },
      },
    ],
    [
      'LiteLLM',
      {
        error: {
          message:
            'litellm.BadRequestError: OpenAIException - {"error":{"message":"The inner words.","code":"inner_code"}}',
          code: '400',
        },
      },
    ],
    [
      'JSON in JSON in a text',
      JSON.stringify(JSON.stringify({ error: { message: 'The inner words.', code: 'inner_code' } })),
    ],
    [
      'escaped once too often',
      'upstream said {\\"error\\":{\\"message\\":\\"The inner words.\\",\\"code\\":\\"inner_code\\"}} at last',
    ],
    ['an event', 'event: error\ndata: {"error":{"message":"The inner words.","code":"inner_code"}}\n\n'],
  ])('lets the innermost words decide: %s', (_whose, body) => {
    const { message, sentences, code, words } = readErrorBody(body);
    expect(message).toContain('The inner words.');
    expect(sentences[0]).toBe('The inner words.');
    expect([code, words[0]]).toEqual(['inner_code', 'inner_code']);
  });

  it('keeps the innermost words in front where all together are long', () => {
    const raw = JSON.stringify({ error: { message: 'The inner words.' } });
    const body = { error: { message: 'Outer words. '.repeat(100), metadata: { raw } } };
    expect(messageOf(body)).toMatch(/^The inner words\./);
  });

  it('leaves a sentence alone that quotes JSON without a sentence', () => {
    const message = 'Invalid schema {"type": "object"} for function f';
    expect(messageOf({ error: { message } })).toBe(message);
  });

  it('finds codes, types, status words and details', () => {
    const reason = { '@type': 'ErrorInfo', reason: 'API_KEY_INVALID' };
    const error = { code: 400, message: 'API key not valid.', status: 'INVALID_ARGUMENT', details: [reason] };
    const reading = readErrorBody({ error });
    expect(reading).toMatchObject({ status: 400, type: 'INVALID_ARGUMENT', code: undefined });
    expect(reading.words).toEqual(['API_KEY_INVALID', 'INVALID_ARGUMENT']);
    expect(reading.details).toContainEqual(reason);
  });

  it.each(['', ' ', '{}', '[]', 'null', '""', null, undefined, {}, [], 7, true])(
    'says nothing for %j',
    (body) => {
      expect(messageOf(body)).toBeUndefined();
    },
  );

  it('takes a status in brackets and XML for no page', () => {
    const qwen = '<400> InternalError.Algo.InvalidParameter: The tool call is not supported.';
    expect(readErrorBody({ error: { message: qwen } })).toMatchObject({
      message: qwen,
      pageTitle: undefined,
    });
    const xml = '<?xml version="1.0"?><Error><Code>Odd</Code><Message>The bucket is odd</Message></Error>';
    expect(readErrorBody(xml).message).toBe('Odd The bucket is odd');
  });

  it('takes no page for words, but for its title', () => {
    const page = '<!doctype html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>';
    expect(readErrorBody(page)).toMatchObject({ message: undefined, pageTitle: '502 Bad Gateway' });
    expect(readErrorBody('<html>x</html>')).toMatchObject({ message: undefined, pageTitle: '' });
    expect(readErrorBody({ error: { message: page } })).toMatchObject({
      message: undefined,
      pageTitle: '502 Bad Gateway',
    });
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'takes %s for a name like any other',
    (name) => {
      const body = `{"error":{"message":"Bad thing.","code":"${name}","type":"${name}","${name}":{"${name}":"x y"}}}`;
      expect(readErrorBody(body)).toMatchObject({ message: 'Bad thing.', code: name, type: name });
      expect(messageOf(`{"${name}":"It went wrong"}`)).toBe('It went wrong');
    },
  );

  it('reads anything without failing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue({ maxDepth: 8 }), fc.string(), fc.json()), (body) => {
        const { message, sentences } = readErrorBody(body);
        expect(message === undefined || typeof message === 'string').toBe(true);
        expect(sentences.every((text) => typeof text === 'string')).toBe(true);
      }),
    );
  });

  it.each([
    ['brackets', '['.repeat(MAX_ERROR_BYTES)],
    ['braces', '{"a":'.repeat(MAX_ERROR_BYTES / 5)],
    ['closed brackets', '['.repeat(30_000) + ']'.repeat(30_000)],
    ['blanks', `{${' '.repeat(MAX_ERROR_BYTES)}`],
    ['quotes', '"'.repeat(MAX_ERROR_BYTES)],
    ['escaped quotes', '{\\"'.repeat(20_000)],
    ['one word', JSON.stringify({ error: { message: 'a'.repeat(60_000) } })],
    [
      'many fields',
      JSON.stringify(Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, 'v v']))),
    ],
  ])('is done soon with %s', (_what, body) => {
    const before = performance.now();
    readErrorBody(body);
    expect(performance.now() - before).toBeLessThan(500);
  });
});
