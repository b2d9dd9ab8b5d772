import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  AIError,
  AIProviderRegistryService,
  AIProvidersTestingModule,
  AIRequestManagerService,
  CircuitBreakerService,
  ProviderError,
  ScriptedAnswers,
  type Policy,
} from '../../src/index.js';

/** A service of a host, as its tests have it. */
@Injectable()
class Summaries {
  constructor(private readonly manager: AIRequestManagerService) {}

  async summarize(text: string): Promise<string> {
    return (await this.manager.complete({ prompt: `Summarize: ${text}` })).content;
  }
}

describe('AIProvidersTestingModule', () => {
  let app: TestingModule;
  let script: ScriptedAnswers;

  beforeEach(async () => {
    const imports = [AIProvidersTestingModule.forRoot({ isGlobal: true, controllers: false })];
    app = await Test.createTestingModule({ imports, providers: [Summaries] }).compile();
    await app.init();
    script = app.get(ScriptedAnswers);
    const provider = { name: 'A', type: 'OPENAI', apiKey: 'sk-test', model: 'gpt-4' } as const;
    await app.get(AIProviderRegistryService).register(provider);
  }, 30_000);

  afterEach(() => app.close(), 30_000);

  it('answers what the script says, and tells what was asked', async () => {
    script.next('Short.', { content: 'Shorter.' });
    const summaries = app.get(Summaries);
    expect([await summaries.summarize('a'), await summaries.summarize('b')]).toEqual(['Short.', 'Shorter.']);
    expect(script.calls.map(({ messages }) => messages[0]?.content)).toEqual([
      'Summarize: a',
      'Summarize: b',
    ]);
  });

  it('streams it word by word', async () => {
    script.next('one two three');
    const pieces: string[] = [];
    for await (const chunk of app.get(AIRequestManagerService).streamComplete({ prompt: 'x' }))
      pieces.push(chunk.content);
    expect(pieces).toEqual(['one ', 'two ', 'three', '']);
  });

  it('retries, fails over and breaks circuits as the module does', async () => {
    script.next(new ProviderError('server_error', 'down'), 'up');
    const manager = app.get(AIRequestManagerService);
    const { attempts } = await manager.complete({ prompt: 'x' });
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['server_error', 'success']);
    script.next(...Array.from({ length: 9 }, () => new ProviderError('authentication', 'no')));
    const [provider] = app.get(AIProviderRegistryService).list();
    for (let i = 0; i < 6; i += 1) await manager.complete({ prompt: `y${i}` }).catch(() => undefined);
    expect(app.get(CircuitBreakerService).stateOf(provider?.id ?? '')).toBe('OPEN');
  });

  it('changes and removes providers in memory', async () => {
    const registry = app.get(AIProviderRegistryService);
    const [provider] = registry.list();
    const changed = await registry.update(provider?.id ?? '', { priority: 7 });
    expect(changed).toMatchObject({ priority: 7, model: 'gpt-4' });
    await registry.deactivate(changed.id, { purge: true });
    expect(registry.list()).toEqual([]);
  });
});

it('asks the policies that the host gives, before any provider', async () => {
  const refuse: Policy = {
    name: 'refuse',
    before: ({ request }) => {
      if (request.prompt === 'no') throw new AIError('VALIDATION_FAILED', 'Not this');
      return null;
    },
  };
  const imports = [AIProvidersTestingModule.forRoot({ controllers: false, policies: [refuse] })];
  const app = await Test.createTestingModule({ imports }).compile();
  await app.init();
  const provider = { name: 'A', type: 'OPENAI', apiKey: 'sk-test', model: 'gpt-4' } as const;
  await app.get(AIProviderRegistryService).register(provider);
  const manager = app.get(AIRequestManagerService);
  await expect(manager.complete({ prompt: 'no' })).rejects.toMatchObject({ message: 'Not this' });
  expect((await manager.complete({ prompt: 'yes' })).content).not.toBe('');
  await app.close();
}, 30_000);
