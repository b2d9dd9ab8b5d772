import type { Refusal } from '../interfaces/attempt.interface.js';
import type { CompletionRequest } from '../interfaces/completion.interface.js';
import type { RouteExplanation } from '../interfaces/monitoring/route-explanation.interface.js';
import type { PipelineDependencies } from './pipeline-dependencies.js';

/** What would be tried for `request` now, in what order, and why not the others. Takes nothing and sends nothing. */
export async function explainRoute(
  deps: PipelineDependencies,
  request: CompletionRequest,
): Promise<RouteExplanation> {
  const { ordered, skipped } = deps.route(request, {});
  await deps.shared.refresh(ordered.map(({ provider }) => provider));
  return {
    candidates: ordered.map(({ provider, model }, index) => {
      const refusal = deps.gates.map((gate) => gate.peek(provider)).find((found) => found !== null) ?? null;
      return {
        position: index + 1,
        providerId: provider.id,
        providerName: provider.name,
        model,
        priority: provider.priority,
        wouldBeTried: refusal === null,
        skipped: refusal?.reason ?? null,
        retryAfterMs: refusal?.retryAfterMs ?? null,
        cooldownUntil: cooldownUntil(refusal, deps.clock.wallTime()),
      };
    }),
    passedOver: skipped.map(({ deployment: { provider, model }, refusal }) => ({
      providerId: provider.id,
      providerName: provider.name,
      model,
      skipped: refusal.reason,
      field: refusal.lack?.field ?? null,
      reason: refusal.lack?.reason ?? null,
    })),
  };
}

function cooldownUntil(refusal: Refusal | null, now: number): string | null {
  if (refusal?.reason !== 'cooldown') return null;
  return new Date(now + (refusal.retryAfterMs ?? 0)).toISOString();
}
