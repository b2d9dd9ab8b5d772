import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AIProviderType } from '../../interfaces/ai-provider.interface.js';
import { readEndpoint } from './provider-endpoint.js';

const OPENAI_LIKE: AIProviderType[] = ['OPENAI', 'CUSTOM'];

describe('an address as it is pasted', () => {
  it.each([
    ['https://llm.example.com/v1', 'https://llm.example.com/v1'],
    ['https://llm.example.com', 'https://llm.example.com'],
    ['https://llm.example.com/', 'https://llm.example.com'],
    ['https://llm.example.com/v1///', 'https://llm.example.com/v1'],
    ['https://llm.example.com//v1', 'https://llm.example.com/v1'],
    ['https://llm.example.com/v1/v1', 'https://llm.example.com/v1'],
    ['https://llm.example.com/v1/v1/chat/completions', 'https://llm.example.com/v1'],
    ['  https://LLM.example.com:443/v1 ', 'https://llm.example.com/v1'],
    ['https://llm.example.com/v1/chat/completions', 'https://llm.example.com/v1'],
    ['https://llm.example.com/v1/chat/completions/', 'https://llm.example.com/v1'],
    ['https://llm.example.com/v1/Chat/Completions', 'https://llm.example.com/v1'],
    ['https://llm.example.com/v1/chat/completions/chat/completions', 'https://llm.example.com/v1'],
    ['https://llm.example.com/v1/chat', 'https://llm.example.com/v1'],
    ['https://llm.example.com/v1/completions', 'https://llm.example.com/v1'],
    ['https://llm.example.com/v1/responses', 'https://llm.example.com/v1'],
    ['https://llm.example.com/v1/embeddings', 'https://llm.example.com/v1'],
    ['https://llm.example.com/v1/models', 'https://llm.example.com/v1'],
    ['https://llm.example.com/v1/models/gpt-4', 'https://llm.example.com/v1'],
    ['https://x.services.ai.azure.com/models', 'https://x.services.ai.azure.com/models'],
    ['https://x.services.ai.azure.com/models/chat/completions', 'https://x.services.ai.azure.com/models'],
    ['https://api.openai.com', 'https://api.openai.com/v1'],
    ['https://api.openai.com/v1/', 'https://api.openai.com/v1'],
    ['http://[::1]:8080/v1', 'http://[::1]:8080/v1'],
    [
      'https://generativelanguage.googleapis.com/v1beta/openai/',
      'https://generativelanguage.googleapis.com/v1beta/openai',
    ],
    [
      'https://r.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21',
      'https://r.openai.azure.com/openai/deployments/gpt-4o?api-version=2024-10-21',
    ],
  ])('becomes one base of OpenAI’s kind: %s', (given, endpoint) => {
    for (const type of OPENAI_LIKE) expect(readEndpoint(type, given)).toEqual({ endpoint });
  });

  it.each([
    ['https://api.anthropic.com/v1/messages', 'https://api.anthropic.com/v1'],
    ['https://api.anthropic.com/v1/messages/count_tokens', 'https://api.anthropic.com/v1'],
    ['https://api.anthropic.com/v1/v1', 'https://api.anthropic.com/v1'],
    ['https://api.deepseek.com/anthropic/', 'https://api.deepseek.com/anthropic'],
    [
      'https://api.deepseek.com/anthropic/v1/messages?beta=true',
      'https://api.deepseek.com/anthropic/v1?beta=true',
    ],
  ])('becomes one base of Anthropic’s: %s', (given, endpoint) => {
    expect(readEndpoint('ANTHROPIC', given)).toEqual({ endpoint });
  });

  it.each([
    ['https://g.example.com/v1beta/models/gemini-2.5-flash:generateContent', 'https://g.example.com/v1beta'],
    ['https://g.example.com/v1beta/models/x:streamGenerateContent?alt=sse', 'https://g.example.com/v1beta'],
    ['https://g.example.com/v1beta/models/', 'https://g.example.com/v1beta'],
    ['https://g.example.com/v1beta/v1beta', 'https://g.example.com/v1beta'],
    ['https://g.example.com', 'https://g.example.com'],
  ])('becomes one base of Google’s: %s', (given, endpoint) => {
    expect(readEndpoint('GOOGLE', given)).toEqual({ endpoint });
  });

  it.each<[AIProviderType, string, string]>([
    ['CUSTOM', 'llm.example.com/v1', 'begin with https://'],
    ['CUSTOM', 'localhost:11434/v1', 'begin with https://'],
    ['CUSTOM', '//llm.example.com/v1', 'begin with https://'],
    ['CUSTOM', 'ftp://llm.example.com', 'not ftp'],
    ['CUSTOM', 'https://', 'must be a URL'],
    ['CUSTOM', 'https://llm.example.com:99999', 'must be a URL'],
    ['CUSTOM', 'https://llm.example.com:0/v1', 'port 0'],
    ['CUSTOM', 'https://llm.example.com/v 1', 'white space'],
    ['CUSTOM', 'https://me:hush@llm.example.com', 'before the @'],
    ['CUSTOM', 'https://hush@llm.example.com', 'before the @'],
    ['CUSTOM', 'https://llm.example.com/v1#hush', 'leave off the #'],
    ['CUSTOM', 'https://llm.example.com/v1%2Fchat', 'encoded slash'],
    ['CUSTOM', 'https://llm.example.com/v1/messages', 'leave off /messages'],
    ['OPENAI', 'https://g.example.com/v1beta/models/x:generateContent', 'leave off :generateContent'],
    ['ANTHROPIC', 'https://llm.example.com/v1/chat/completions', 'leave off /chat/completions'],
    ['GOOGLE', 'https://g.example.com/v1beta/openai', 'leave off /openai'],
    [
      'GOOGLE',
      'https://v.example.com/v1/projects/p/publishers/google/models/x:generateContent',
      '/publishers/',
    ],
    ['GOOGLE', 'https://g.example.com/v1beta?key=hush', 'leave off key='],
    ['CUSTOM', 'https://llm.example.com/v1?api_key=hush', 'leave off api_key='],
    ['CUSTOM', 'https://llm.example.com/v1?Subscription-Key=hush', 'leave off Subscription-Key='],
    ['CUSTOM', 'https://llm.example.com/v1?access_token=hush', 'leave off access_token='],
    ['CUSTOM', 'https://llm.example.com/v1?api-version=1&sig=hush', 'leave off sig='],
    ['CUSTOM', 'https://llm.example.com/v1?x=sk-hush', 'leave off x='],
  ])('of %s is refused with what to leave off: %s', (type, given, said) => {
    const reading = readEndpoint(type, given);
    expect(reading).toEqual({ problem: expect.stringMatching(/^endpoint must /) as unknown });
    expect(JSON.stringify(reading)).toContain(said);
    expect(JSON.stringify(reading)).not.toContain('hush');
  });

  it('is read the same again: a base that came out goes in', () => {
    const segment = fc.constantFrom(
      'v1',
      'v1beta',
      'chat',
      'completions',
      'models',
      'api',
      'x',
      '',
      'responses',
    );
    const type = fc.constantFrom<AIProviderType>('OPENAI', 'ANTHROPIC', 'GOOGLE', 'CUSTOM');
    fc.assert(
      fc.property(type, fc.array(segment, { maxLength: 8 }), (of, segments) => {
        const reading = readEndpoint(of, `https://h.example/${segments.join('/')}`);
        if ('endpoint' in reading) expect(readEndpoint(of, reading.endpoint)).toEqual(reading);
      }),
    );
  });
});
