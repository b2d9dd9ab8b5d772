import { FakeClock } from '../../../../test/fakes/fake-clock.js';
import { fault, providerConfig } from '../../../../test/fakes/pipeline-bench.js';
import { AbortSource } from '../../../infra/cancellation/abort-source.js';
import type { TokenUsage } from '../interfaces/usage.interface.js';
import { AttemptScope } from '../pipeline/attempt/attempt-scope.js';
import { type AttemptEnding } from './admission.ports.js';
import { ownDeploymentOf } from '../models/deployment.js';
import { CHAT } from '../operations/chat/chat.operation.js';
import { RequestDeadline } from '../resilience/request-deadline.js';
import { toProviderCall } from '../operations/chat/to-provider-call.js';
import { UNKNOWN_USAGE } from '../accounting/usage.js';
import { CIRCUIT_BREAKER_DEFAULTS } from '../services/circuit-breaker.service.js';
import { MemoryProviderStateStore } from '../resilience/state/provider-state.memory.store.js';
import { ProviderStateGate } from './provider-state.gate.js';

/** Room for one estimate of an answer of 100 tokens, and for few real ones. */
const provider = providerConfig('a', {
  maxTokens: 100,
  rateLimit: { requestsPerMinute: 100, tokensPerMinute: 200 },
});
const used = (totalTokens: number): TokenUsage => ({
  promptTokens: 1,
  completionTokens: totalTokens - 1,
  totalTokens,
  source: 'reported',
});

describe('the token limit', () => {
  const clock = new FakeClock();

  function enter(gate: ProviderStateGate): { scope: AttemptScope; isRefused: boolean } {
    const call = toProviderCall({ prompt: 'Hi' }, ownDeploymentOf(provider));
    const deadline = new RequestDeadline(clock, undefined, undefined);
    const scope = new AttemptScope(
      CHAT,
      ownDeploymentOf(provider),
      call,
      1,
      false,
      deadline,
      clock,
      new AbortSource(),
    );
    return { scope, isRefused: gate.enter(scope) !== null };
  }

  it.each<[string, AttemptEnding, boolean]>([
    ['gives back what an answer did not use', { outcome: 'success', usage: used(20) }, false],
    ['keeps what an answer used', { outcome: 'success', usage: used(120) }, true],
    [
      'keeps the estimate of an answer that nobody can count',
      { outcome: 'success', usage: UNKNOWN_USAGE },
      true,
    ],
    [
      'gives back what a failed try is not known to have used',
      { outcome: 'failure', error: fault('connection'), usage: UNKNOWN_USAGE },
      false,
    ],
    ['gives back what was never sent', { outcome: 'not_sent' }, false],
  ])('%s', (_, ending, isRefused) => {
    const gate = new ProviderStateGate(new MemoryProviderStateStore(CIRCUIT_BREAKER_DEFAULTS, clock));
    const first = enter(gate);
    expect(first.isRefused).toBe(false);
    expect(enter(gate).isRefused).toBe(true);
    first.scope.settle(ending);
    expect(enter(gate).isRefused).toBe(isRefused);
  });
});
