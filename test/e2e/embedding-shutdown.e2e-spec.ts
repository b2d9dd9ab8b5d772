import type { INestApplication } from '@nestjs/common';
import { AIProvidersModule, AIRequestManagerService } from '../../src/index.js';
import { eventually } from '../integration/support/eventually.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { answer, stall } from '../fakes/upstream/upstream-script.js';
import {
  ADAPTERS,
  hostSettings,
  registerUpstream,
  startHost,
  type HostSettings,
} from './support/nest-host.js';
import { openUnreadStream } from './support/unread-stream.js';

const SHUTDOWN_MS = 600;
/** What a busy machine takes besides. */
const SLACK_MS = 300;

/** More than all buffers between hold. */
const LONG = { text: 'quite a few words '.repeat(3_000_000), chunks: 10_000 };

describe.each(Object.entries(ADAPTERS))('Closing a host on %s', (_name, adapter) => {
  let settings: HostSettings;
  let upstream: FakeUpstream;
  let app: INestApplication;

  beforeEach(async () => {
    upstream = await FakeUpstream.start();
    settings = await hostSettings();
    const options = { ...settings.options, http: { accessKeys: null, shutdownTimeoutMs: SHUTDOWN_MS } };
    app = await startHost({ imports: [AIProvidersModule.forRoot(options)] }, adapter());
    await registerUpstream(app, upstream);
  }, 90_000);

  afterEach(async () => {
    await upstream.stop();
    await settings.drop();
  });

  async function closing(): Promise<number> {
    const began = performance.now();
    await app.close();
    return performance.now() - began;
  }

  it('waits for no iterator that is neither read nor returned', async () => {
    upstream.default(stall({ events: 1 }));
    const manager = app.get(AIRequestManagerService);
    const abandoned = [1, 2, 3].map(() => manager.streamComplete({ prompt: 'Hi' }));
    await Promise.all(abandoned.map((stream) => stream.next()));
    expect(manager.requestsInFlight).toBe(3);
    expect(await closing()).toBeLessThan(SHUTDOWN_MS + 1_000 + SLACK_MS);
    expect(manager.requestsInFlight).toBe(0);
  }, 60_000);

  it('waits for no caller who does not read', async () => {
    upstream.default(answer(LONG));
    const url = `${await app.getUrl()}/api`;
    const sockets = [1, 2].map(() => openUnreadStream(url));
    await eventually(20_000, () => upstream.calls.length === 2);
    expect(await closing()).toBeLessThan(SHUTDOWN_MS + 1_000 + SLACK_MS);
    sockets.forEach((socket) => socket.destroy());
  }, 60_000);
});
