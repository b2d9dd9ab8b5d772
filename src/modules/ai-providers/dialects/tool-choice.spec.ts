import { describe, expect, it } from '@jest/globals';
import type { AIProviderType } from '../interfaces/ai-provider.interface.js';
import { asksForMore, lackOf } from './lack-of.js';
import type { Expressible } from './lack-of.js';

const TYPES: AIProviderType[] = ['OPENAI', 'CUSTOM', 'ANTHROPIC', 'GOOGLE'];
const tools = [{ name: 'f', parameters: { type: 'object' } }];

function lacksOf(request: Expressible): (string | undefined)[] {
  if (!asksForMore(request)) return TYPES.map(() => undefined);
  return TYPES.map((type) => lackOf({ type, endpoint: null }, 'model', request)?.field);
}

describe('a forced tool', () => {
  it.each<Expressible>([
    { toolChoice: 'required' },
    { toolChoice: 'required', tools: [] },
    { toolChoice: { name: 'f' } },
  ])('is lacked by every vendor where there are no tools: %j', (request) => {
    expect(lacksOf(request)).toEqual(TYPES.map(() => 'toolChoice'));
  });

  it.each<Expressible>([
    { toolChoice: 'auto' },
    { toolChoice: 'none', tools: [] },
    { toolChoice: 'required', tools },
    { toolChoice: { name: 'f' }, tools },
  ])('is none in %j', (request) => {
    expect(lacksOf(request)).toEqual(TYPES.map(() => undefined));
  });

  it('may be one of OpenAI’s own tools', () => {
    const request: Expressible = { toolChoice: 'required', openaiFields: { tools: [{ type: 'custom' }] } };
    expect(lackOf({ type: 'OPENAI', endpoint: null }, 'gpt-5', request)).toBeNull();
  });
});
