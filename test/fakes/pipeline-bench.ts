import { AbortSource } from '../../src/infra/cancellation/abort-source.js';
import { ProviderError } from '../../src/modules/ai-providers/errors/provider.error.js';
import type {
  AIProviderAdapter,
  ChatAdapter,
  ProviderAnswer,
  ProviderCall,
  StreamPart,
} from '../../src/modules/ai-providers/interfaces/ai-adapter.interface.js';
import type { AIProviderConfig } from '../../src/modules/ai-providers/interfaces/ai-provider.interface.js';
import type { Fault } from '../../src/modules/ai-providers/interfaces/attempt.interface.js';
import type { RequestEvent } from '../../src/modules/ai-providers/interfaces/request-event.interface.js';
import { CHAT } from '../../src/modules/ai-providers/operations/chat/chat.operation.js';
import type { AttemptScope } from '../../src/modules/ai-providers/pipeline/attempt/attempt-scope.js';
import { NOTHING_SHARED } from './nothing-shared.js';
import type { PipelineDependencies } from '../../src/modules/ai-providers/pipeline/pipeline-dependencies.js';
import { HeldTextLimit } from '../../src/modules/ai-providers/pipeline/stream/held-text.limit.js';
import { PriorityWaitQueue } from '../../src/modules/ai-providers/resilience/queue/priority-wait-queue.js';
import type { TakeResult } from '../../src/modules/ai-providers/resilience/queue/wait-queue.interface.js';
import { planRoute } from '../../src/modules/ai-providers/routing/plan-route.js';
import { FakeClock } from './fake-clock.js';

/** A provider with every setting, as it would be in memory; its id is its name. */
export function providerConfig(id: string, more: Partial<AIProviderConfig> = {}): AIProviderConfig {
  return {
    id,
    name: id,
    type: 'OPENAI',
    endpoint: null,
    authHeader: 'bearer',
    model: 'model',
    maxTokens: 100,
    temperature: 0.5,
    topP: null,
    topK: null,
    frequencyPenalty: null,
    presencePenalty: null,
    stopSequences: null,
    timeout: 60_000,
    connectTimeout: 5_000,
    firstTokenTimeout: 12_000,
    idleTimeout: 15_000,
    retryAttempts: 3,
    retryDelay: 1_000,
    rateLimit: null,
    maxConcurrency: null,
    pricing: null,
    priority: 0,
    weight: 1,
    supportsPrefill: false,
    contextWindow: null,
    isActive: true,
    apiKey: { reveal: () => 'sk-test' },
    headers: [],
    headerNames: [],
    keyReadable: true,
    apiKeyHint: '…test',
    revision: 1n,
    createdAt: new Date(0),
    updatedAt: new Date(0),
    purgedAt: null,
    ...more,
  };
}

/** What a scripted vendor does next: says parts, waits, breaks. `silence` lasts until the call is aborted. */
export type Step = StreamPart | ProviderError | 'silence' | { waitMs: number };

export const text = (said: string): StreamPart => ({ type: 'text', text: said });
export const finish = (more: Partial<Extract<StreamPart, { type: 'finish' }>> = {}): StreamPart => ({
  type: 'finish',
  finishReason: 'stop',
  rawFinishReason: 'stop',
  usage: { promptTokens: 3, completionTokens: 4 },
  ...more,
});
export const fault = (
  kind: Fault,
  more: ConstructorParameters<typeof ProviderError>[2] = {},
): ProviderError => new ProviderError(kind, `failed by ${kind}`, more);

/** A vendor in memory: each call takes the next script, the last one again and again. */
export class ScriptedAdapter implements AIProviderAdapter, ChatAdapter {
  readonly chat = this;
  readonly calls: { call: ProviderCall; at: number; signal: AbortSignal }[] = [];
  /** Calls that are being answered now. */
  open = 0;
  private readonly scripts: Step[][];

  constructor(
    private readonly clock: FakeClock,
    ...scripts: Step[][]
  ) {
    this.scripts = scripts;
  }

  async complete(call: ProviderCall, signal: AbortSignal): Promise<ProviderAnswer> {
    let content = '';
    for await (const [part] of this.stream(call, signal)) {
      if (part?.type === 'text') content += part.text;
      if (part?.type !== 'finish') continue;
      const { finishReason, rawFinishReason, usage } = part;
      return { model: call.model, content, finishReason, rawFinishReason, usage };
    }
    throw fault('truncated');
  }

  async *stream(
    call: ProviderCall,
    signal: AbortSignal,
  ): AsyncGenerator<readonly StreamPart[], void, undefined> {
    this.calls.push({ call, signal, at: this.clock.monotonic() });
    const script = this.scripts[Math.min(this.calls.length, this.scripts.length) - 1] ?? [];
    this.open += 1;
    try {
      for (const step of script) {
        if (signal.aborted) throw fault('aborted');
        if (step instanceof ProviderError) throw step;
        if (step === 'silence') await this.wait(Infinity, signal);
        else if ('waitMs' in step) await this.wait(step.waitMs, signal);
        else yield [step];
      }
    } finally {
      this.open -= 1;
    }
  }

  probe(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = ms === Infinity ? (): void => undefined : this.clock.schedule(ms, resolve);
      const onAbort = (): void => {
        cancel();
        reject(fault('aborted'));
      };
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}

/** The pipeline's ports in memory, on a clock that stands still. */
export class PipelineBench {
  readonly clock = new FakeClock();
  readonly events: RequestEvent[] = [];
  /** What our own code threw in tries. */
  readonly failedInside: unknown[] = [];
  readonly adapters = new Map<string, ScriptedAdapter>();
  providers: AIProviderConfig[] = [];
  heldText = new HeldTextLimit(Infinity);
  private ids = 0;

  /** Registers a provider and what its vendor will do; earlier ones are asked first. */
  add(id: string, scripts: Step[][], more: Partial<AIProviderConfig> = {}): ScriptedAdapter {
    this.providers.push(providerConfig(id, more));
    const adapter = new ScriptedAdapter(this.clock, ...scripts);
    this.adapters.set(id, adapter);
    return adapter;
  }

  /** Replaces a provider's configuration, as an operator would. */
  change(id: string, changes: Partial<AIProviderConfig>): void {
    this.providers = this.providers.map((provider) =>
      provider.id === id ? { ...provider, ...changes } : provider,
    );
  }

  deps(more: Partial<PipelineDependencies> = {}): PipelineDependencies {
    const queue = new PriorityWaitQueue<() => TakeResult<AttemptScope | null>, AttemptScope | null>({
      clock: this.clock,
      capacity: 10,
      tryTake: ({ need }) => need(),
    });
    return {
      operation: CHAT,
      clock: this.clock,
      random: () => 0.5,
      newId: () => `id-${++this.ids}`,
      newCancelSource: () => new AbortSource(),
      directory: {
        all: () => this.providers,
        byId: (id) => this.providers.find((provider) => provider.id === id),
      },
      adapters: { adapterFor: ({ id }) => this.adapter(id) },
      policies: [],
      route: (request, knowledge) => planRoute(this.providers, request, (providers) => providers, knowledge),
      gates: [],
      shared: NOTHING_SHARED,
      queue,
      queueMaxWaitMs: 30_000,
      readerTimeoutMs: 60_000,
      deadlines: { firstTokenTimeoutMs: 12_000, idleTimeoutMs: 15_000 },
      heldText: this.heldText,
      tokens: { count: (counted) => Promise.resolve(counted.length), estimate: (counted) => counted.length },
      failedInside: (cause) => void this.failedInside.push(cause),
      observer: {
        requestEnded: (event) => {
          this.events.push(event);
          return Promise.resolve();
        },
      },
      retry: { maxDelayMs: 10_000, backoffMultiplier: 2 },
      streamRecovery: 'splice',
      ...more,
    };
  }

  private adapter(id: string): ScriptedAdapter {
    const adapter = this.adapters.get(id);
    if (adapter === undefined) throw new Error(`No vendor for ${id}`);
    return adapter;
  }
}
