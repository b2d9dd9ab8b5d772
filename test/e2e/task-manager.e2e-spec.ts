import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { INestApplication } from '@nestjs/common';
import { createTaskManager } from '../../examples/task-manager/create-task-manager.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { stall, status } from '../fakes/upstream/upstream-script.js';
import { hostSettings, registerUpstream, type HostSettings } from './support/nest-host.js';

const run = promisify(execFile);

describe('The example of a second service, on Express', () => {
  let settings: HostSettings;
  let upstream: FakeUpstream;
  let app: INestApplication;
  let url: string;

  beforeAll(async () => {
    upstream = await FakeUpstream.start();
    settings = await hostSettings();
    app = await createTaskManager(settings.options);
    await app.listen(0, '127.0.0.1');
    url = `${await app.getUrl()}/api`;
    await registerUpstream(app, upstream);
  }, 60_000);

  afterEach(() => upstream.clear());

  afterAll(async () => {
    await app?.close();
    await settings?.drop();
    await upstream?.stop();
  }, 30_000);

  it('answers its own request with what a provider wrote', async () => {
    upstream.next({ text: 'Water them on Mondays.' });
    const response = await fetch(`${url}/tasks/plants/description`);
    expect(await response.json()).toEqual({ title: 'plants', description: 'Water them on Mondays.' });
    expect(upstream.lastCall.body).toMatchObject({
      max_tokens: 500,
      messages: [
        { role: 'system', content: 'You are a helpful assistant' },
        { role: 'user', content: 'Generate a task description for: plants' },
      ],
    });
  });

  it('passes on a streamed document while the provider is still writing', async () => {
    upstream.next({ answer: { text: 'one two three four', chunks: 4 }, eventDelayMs: 50 });
    const response = await fetch(`${url}/tasks/plants/document`);
    let text = '';
    let finishedAtFirstPiece: boolean | undefined;
    for await (const bytes of response.body ?? []) {
      finishedAtFirstPiece ??= upstream.lastCall.finished;
      text += Buffer.from(bytes as Uint8Array).toString();
    }
    expect(finishedAtFirstPiece).toBe(false);
    expect(text).toBe('one two three four');
  });

  it('answers with the status of what kept the document from beginning', async () => {
    upstream.default(status(500));
    const response = await fetch(`${url}/tasks/plants/document`);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ code: 'ALL_PROVIDERS_FAILED' });
  });

  it('stops the provider when its own caller hangs up', async () => {
    upstream.next(stall({ events: 1 }));
    const caller = new AbortController();
    const response = await fetch(`${url}/tasks/plants/document`, { signal: caller.signal });
    await response.body?.getReader().read();
    caller.abort();
    await upstream.lastCall.whenAborted();
    expect(upstream.lastCall.aborted).toBe(true);
  });

  it('serves the module’s own endpoints beside its own', async () => {
    const response = await fetch(`${url}/ai-providers`);
    expect(await response.json()).toMatchObject([{ name: 'Upstream', circuitState: 'CLOSED' }]);
  });
});

describe('Outside Jest', () => {
  it('the example is built to modules that Node loads', async () => {
    await run('npm', ['run', 'build:example']);
    const program = `const { createTaskManager } = await import('./dist-examples/task-manager/create-task-manager.js');
      process.stdout.write(typeof createTaskManager);`;
    expect((await run(process.execPath, ['--input-type=module', '-e', program])).stdout).toBe('function');
  }, 120_000);

  it('the package gives under its own name the modules, the four services and the errors', async () => {
    const program = `process.stdout.write(Object.keys(await import('ai-providers')).sort().join(' '));`;
    expect((await run(process.execPath, ['--input-type=module', '-e', program])).stdout).toBe(
      'AIError AIErrorFilter AIJobsModule AIJobsService AIMonitoringService AIProviderRegistryService AIProvidersModule ' +
        'AIProvidersTestingModule AIRequestManagerService ANSWER_STORE CLOCK CircuitBreakerService ' +
        'HOST_POLICIES HealthModule MetricsModule OpenAICompatModule ProviderError REQUEST_LISTENERS ScriptedAnswers addAccessSchemes',
    );
  }, 30_000);
});
