import { Global, Inject, Injectable, Module, type INestApplication } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AIProvidersModule,
  AIRequestManagerService,
  ANSWER_STORE,
  CLOCK,
  REQUEST_LISTENERS,
  type AnswerStore,
  type Clock,
  type RequestEvent,
  type RequestListener,
} from '../../src/index.js';
import { systemClock } from '../../src/infra/time/system-clock.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { eventually } from '../integration/support/eventually.js';
import { hostSettings, registerUpstream, startHost, type HostSettings } from './support/nest-host.js';

const NEW_YEAR_2030 = Date.UTC(2030, 0, 1);
const clock: Clock = { ...systemClock, wallTime: () => NEW_YEAR_2030 };

type Kept = Parameters<AnswerStore['write']>[1];

/** What a host has of its own, of which its extensions make use. */
@Injectable()
class Shelf {
  readonly answers = new Map<string, Kept>();
  readonly events: RequestEvent[] = [];
}

@Global()
@Module({ providers: [Shelf], exports: [Shelf] })
class ShelfModule {}

@Injectable()
class ShelfStore implements AnswerStore {
  constructor(@Inject(Shelf) private readonly shelf: Shelf) {}

  read(key: string): Promise<Kept | undefined> {
    return Promise.resolve(this.shelf.answers.get(key));
  }

  write(key: string, answer: Kept): Promise<void> {
    this.shelf.answers.set(key, answer);
    return Promise.resolve();
  }
}

const listenersOf = (shelf: Shelf): RequestListener[] => [
  { requestEnded: (event) => shelf.events.push(event) },
  {
    requestEnded: () => {
      throw new Error('An audit that fails');
    },
  },
];

describe('A host that puts its own in place of the module’s', () => {
  let settings: HostSettings;
  let upstream: FakeUpstream;
  let app: INestApplication;
  let shelf: Shelf;
  const asked: unknown[] = [];

  beforeAll(async () => {
    upstream = await FakeUpstream.start();
    settings = await hostSettings();
    const module = AIProvidersModule.forRoot({
      ...settings.options,
      cache: { ttlSeconds: 60 },
      policies: [
        {
          name: 'log',
          before: ({ request }) => {
            asked.push(request.prompt);
            return null;
          },
        },
      ],
      extensions: [
        { provide: CLOCK, useValue: clock },
        { provide: ANSWER_STORE, useClass: ShelfStore },
        { provide: REQUEST_LISTENERS, inject: [Shelf], useFactory: listenersOf },
      ],
    });
    app = await startHost({ imports: [ShelfModule, module] });
    shelf = app.get(Shelf);
    await registerUpstream(app, upstream);
  }, 60_000);

  afterEach(() => upstream.clear());

  afterAll(async () => {
    await app?.close();
    await settings?.drop();
    await upstream?.stop();
  }, 30_000);

  it('keeps answers in its store, hears of each request by its clock, and has its policy asked before the cache', async () => {
    const manager = app.get(AIRequestManagerService);
    upstream.next({ text: 'Only once' });
    const first = await manager.complete({ prompt: 'Hello' });
    await eventually(5_000, () => shelf.answers.size === 1);
    const second = await manager.complete({ prompt: 'Hello' });
    expect([first.content, second.content, upstream.calls.length]).toEqual(['Only once', 'Only once', 1]);
    await eventually(5_000, () => shelf.events.length === 2);
    expect(asked).toEqual(['Hello', 'Hello']);
    expect(shelf.events).toMatchObject([
      { cached: false, code: null, startedAt: NEW_YEAR_2030, attempts: [{ providerName: 'Upstream' }] },
      { cached: true, code: null, startedAt: NEW_YEAR_2030 },
    ]);
  });
});
