import v8 from 'node:v8';
import vm from 'node:vm';
import type { INestApplication } from '@nestjs/common';
import type { AppConfig } from '../../src/app-config.js';
import { APP_CONFIG } from '../../src/infra/config/config.token.js';
import { LOGGER, type Logger } from '../../src/infra/logging/logger.interface.js';
import {
  AIProviderRegistryService,
  AIProvidersModule,
  CircuitBreakerService,
  type AIProviderType,
} from '../../src/index.js';
import { CLOCK, type Clock } from '../../src/modules/ai-providers/interfaces/clock.interface.js';
import type { AttemptScope } from '../../src/modules/ai-providers/pipeline/attempt/attempt-scope.js';
import type { PipelineDependencies } from '../../src/modules/ai-providers/pipeline/pipeline-dependencies.js';
import { AIRequestManagerService } from '../../src/modules/ai-providers/services/ai-request-manager.service.js';
import { RequestTracing } from '../../src/modules/ai-providers/telemetry/request-tracing.service.js';
import { EndedRequests } from '../../src/modules/ai-providers/ledger/ended-requests.js';
import { RequestsInFlight } from '../../src/modules/ai-providers/admission/requests-in-flight.js';
import { PIPELINE } from '../../src/modules/ai-providers/pipeline/pipeline-dependencies.js';
import { seeded } from '../fakes/seeded-random.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { stall } from '../fakes/upstream/upstream-script.js';
import { eventually } from '../integration/support/eventually.js';
import { hostSettings, startHost, type HostSettings } from './support/nest-host.js';
import { endpointOf } from './support/providers.js';
import {
  answeringWell,
  failingAtRandom,
  promptOf,
  SoakCaller,
  type SoakEnding,
} from './support/soak.traffic.js';

/** About half a minute of one core; SOAK_REQUESTS asks for a longer run. */
const REQUESTS = Number(process.env['SOAK_REQUESTS'] ?? 10_000);
const CALLERS = 32;
const SLOTS = 12;
const TIMEOUT_MS = 3_000;
/** How late a timer may be on a machine whose two cores this very test keeps busy. */
const GRACE_MS = 1_500;
const MAX_GROWTH_BYTES = 24 * 1024 * 1024;
const TYPES: readonly AIProviderType[] = ['OPENAI', 'ANTHROPIC', 'GOOGLE', 'CUSTOM', 'OPENAI'];

/** In process, so that what is left behind can be counted; every upstream call goes over real sockets. */
describe(`${REQUESTS} requests over five providers that fail at random`, () => {
  let settings: HostSettings;
  let app: INestApplication;
  let pipeline: PipelineDependencies;
  let manager: AIRequestManagerService;
  let upstreams: FakeUpstream[];
  let providerIds: string[];
  /** Tries that have passed all gates, less those that have ended. */
  let openTries = 0;
  /** How often each request was reported as ended. */
  const reports = new Map<string, number>();

  beforeAll(async () => {
    settings = await hostSettings();
    upstreams = await Promise.all(TYPES.map(() => FakeUpstream.start()));
    app = await startHost({
      imports: [
        AIProvidersModule.forRoot({
          ...settings.options,
          logLevel: 'silent',
          retry: { maxAttempts: 3, initialDelayMs: 5, maxDelayMs: 50 },
          breaker: { failureThreshold: 25, timeoutMs: 100, monitoringPeriodMs: 500 },
          queue: { maxSize: CALLERS, maxWaitMs: 1_000 },
        }),
      ],
    });
    const registry = app.get(AIProviderRegistryService);
    providerIds = await Promise.all(
      upstreams.map(async (upstream, index) => {
        const type = TYPES[index] ?? 'OPENAI';
        const { id } = await registry.register({
          name: `Soak ${index}`,
          type,
          model: 'soak',
          apiKey: 'sk-test-0123456789abcdef',
          endpoint: endpointOf(upstream, type),
          maxConcurrency: SLOTS,
          rateLimit: { requestsPerMinute: 1_000_000, tokensPerMinute: 1_000_000_000 },
          timeout: 600,
          firstTokenTimeout: 400,
          idleTimeout: 400,
        });
        return id;
      }),
    );
    const wired = app.get<PipelineDependencies>(PIPELINE, { strict: false });
    pipeline = {
      ...wired,
      gates: [...wired.gates, { peek: () => null, enter: countTry }],
      observer: {
        requestEnded: ({ requestId }) => {
          count(requestId);
          return Promise.resolve();
        },
      },
    };
    manager = new AIRequestManagerService(
      pipeline,
      app.get<AppConfig>(APP_CONFIG, { strict: false }),
      app.get<Logger>(LOGGER, { strict: false }),
      new RequestsInFlight(app.get<Clock>(CLOCK, { strict: false })),
      app.get(EndedRequests, { strict: false }),
      app.get(RequestTracing, { strict: false }),
    );
  }, 60_000);

  afterAll(async () => {
    await app?.close();
    await Promise.all(upstreams.map((upstream) => upstream.stop()));
    await settings?.drop();
  }, 30_000);

  /** Code runs slowly at first, and slow is what the short deadlines of this test take for broken. */
  async function warmUp(caller: SoakCaller): Promise<void> {
    for (const upstream of upstreams) upstream.defaultBy(answeringWell);
    for (let number = 0; number < 200; number++) await caller.ask(number, 30_000);
    await eventually(10_000, () => reports.size === 200);
    reports.clear();
  }

  function countTry(scope: AttemptScope): null {
    openTries += 1;
    scope.onSettled(() => (openTries -= 1));
    return null;
  }

  function count(requestId: string): void {
    reports.set(requestId, (reports.get(requestId) ?? 0) + 1);
  }

  it('ends each in time, once, with the right answer or an error, and leaves nothing behind', async () => {
    const random = seeded(20_240_607);
    const caller = new SoakCaller(manager, random);
    await warmUp(caller);
    for (const upstream of upstreams) upstream.defaultBy(failingAtRandom(random));
    const endings: Record<SoakEnding, number> = { whole: 0, aborted: 0, refused: 0, cut: 0 };
    let slowest = 0;
    let next = 0;
    let heapAfterWarmUp = 0;
    const work = async (): Promise<void> => {
      for (let number = next++; number < REQUESTS; number = next++) {
        if (number === Math.floor(REQUESTS / 4)) heapAfterWarmUp = liveHeap();
        const startedAt = performance.now();
        const ending = await caller.ask(number, TIMEOUT_MS);
        slowest = Math.max(slowest, performance.now() - startedAt);
        endings[ending] += 1;
        // Like any caller; without a pause a refusal would be followed by the next request before anything else can run.
        if (ending === 'refused') await pause(20);
        if (number % 500 === 0) for (const upstream of upstreams) forgetClosed(upstream);
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, work));

    expect(slowest).toBeLessThan(TIMEOUT_MS + GRACE_MS);
    expect(endings.whole + endings.aborted + endings.refused + endings.cut).toBe(REQUESTS);
    expect(endings.whole).toBeGreaterThan(REQUESTS * 0.6);
    expect(reports.size).toBe(REQUESTS);
    expect([...reports.values()].every((times) => times === 1)).toBe(true);
    expect({ open: openTries, queued: pipeline.queue.size, inFlight: manager.requestsInFlight }).toEqual({
      open: 0,
      queued: 0,
      inFlight: 0,
    });
    await Promise.all(upstreams.flatMap(({ calls }) => calls.map((call) => call.whenClosed())));
    expect(liveHeap() - heapAfterWarmUp).toBeLessThan(MAX_GROWTH_BYTES);
  }, 300_000);

  it('has every slot of every provider free afterwards', async () => {
    for (const [index, upstream] of upstreams.entries()) {
      const id = providerIds[index] ?? '';
      await app.get(CircuitBreakerService).reset(id);
      upstream.clear();
      upstream.default(stall());
      const callers = Array.from({ length: SLOTS }, () => new AbortController());
      const crowd = callers.map(({ signal }, number) =>
        manager.complete({ prompt: promptOf(number), providerId: id, timeout: 10_000 }, { signal }),
      );
      const ended = Promise.allSettled(crowd);
      await upstream.arrival(SLOTS);
      for (const caller of callers) caller.abort();
      await ended;
    }
    expect(openTries).toBe(0);
  }, 30_000);
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The journal of an upstream is the test's own memory. */
function forgetClosed(upstream: FakeUpstream): void {
  const open = upstream.calls.filter(({ aborted, finished }) => !aborted && !finished);
  upstream.calls.splice(0, upstream.calls.length, ...open.slice(-100));
}

/** Bytes of the heap that are in use after a collection. */
function liveHeap(): number {
  v8.setFlagsFromString('--expose-gc');
  (vm.runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
