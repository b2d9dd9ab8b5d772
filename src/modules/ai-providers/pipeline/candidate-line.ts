import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { CompletionRequest } from '../interfaces/completion.interface.js';
import type { Route, RouteKnowledge } from '../routing/plan-route.js';

/** Plans by the providers as they are now. */
type Planner = (request: CompletionRequest, knowledge: RouteKnowledge) => Route;

/** The providers that one request may still ask, in order. Those it is done with are remembered; the rest is read afresh. */
export class CandidateLine {
  /** Providers that the request is done with. */
  private readonly done: string[] = [];
  /** Providers at the end of the line, with the milliseconds to wait before their next try. */
  private readonly postponed: { id: string; delayMs: number }[] = [];
  private readonly knowledge: RouteKnowledge = {};
  private passedOver: Route['passedOver'] = [];

  constructor(
    private readonly plan: Planner,
    private readonly request: CompletionRequest,
  ) {}

  /** Whoever is still to be asked, in order, by the providers as they are now. */
  candidates(): AIProviderConfig[] {
    const { ordered, passedOver } = this.plan(this.request, this.knowledge);
    this.passedOver = passedOver;
    if (this.done.length === 0 && this.postponed.length === 0) return ordered;
    const left = ordered.filter(({ id }) => !this.done.includes(id));
    const isPostponed = ({ id }: AIProviderConfig): boolean => this.postponed.some((one) => one.id === id);
    return [...left.filter((provider) => !isPostponed(provider)), ...left.filter(isPostponed)];
  }

  /** The active providers that could not have served the request and were not asked, as of the last look. */
  unfit(): Route['passedOver'] {
    return this.passedOver.filter(({ provider }) => provider.isActive && !this.done.includes(provider.id));
  }

  /** The request is done with the provider. */
  drop(providerId: string): void {
    this.done.push(providerId);
  }

  /** The provider goes to the end of the line, and is not asked again before `delayMs` have passed. */
  postpone(providerId: string, delayMs: number): void {
    const known = this.postponed.find(({ id }) => id === providerId);
    if (known) known.delayMs = delayMs;
    else this.postponed.push({ id: providerId, delayMs });
  }

  /** Milliseconds to wait where only postponed providers are left; each is waited for once. */
  takePostponement(): number {
    if (this.postponed.length === 0) return 0;
    const [first] = this.candidates();
    const next = this.postponed.find(({ id }) => id === first?.id);
    if (next === undefined) return 0;
    const { delayMs } = next;
    next.delayMs = 0;
    return delayMs;
  }

  /** The request was too long for this provider. */
  outgrew({ contextWindow }: AIProviderConfig): void {
    // One of unknown size teaches nothing, and must not make a smaller one that was ruled out a candidate again.
    if (contextWindow !== null) this.knowledge.contextWindowAbove = contextWindow;
  }
}
