import type { Clock } from '../../interfaces/clock.interface.js';
import type { CompletionRequest } from '../../interfaces/completion.interface.js';
import type { Deployment } from '../../models/deployment.js';
import type { Route, RouteKnowledge } from '../../routing/plan-route.js';

/** Plans by the providers as they are now. */
type Planner = (request: CompletionRequest, knowledge: RouteKnowledge) => Route;

/** The candidates that one request may still try, in order. Those it is done with are remembered; the rest is read afresh. */
export class RemainingCandidates {
  /** Providers that the request is done with. */
  private readonly done: string[] = [];
  /** Candidates that come last, each with the moment before which it is not tried, by the monotonic clock. */
  private readonly postponed: { id: string; notBefore: number }[] = [];
  private readonly knowledge: RouteKnowledge = {};
  private unable: Route['skipped'] = [];
  /** Those the request was not done with at the last look, in order. */
  remaining: readonly Deployment[] = [];

  constructor(
    private readonly plan: Planner,
    private readonly request: CompletionRequest,
    private readonly clock: Clock,
  ) {}

  /** Those that may be tried now, in order, by the providers as they are now: those whose backoff is over come last. */
  candidates(): Deployment[] {
    const left = this.left();
    if (this.postponed.length === 0) return left;
    const now = this.clock.monotonic();
    const moments = left.map(
      ({ provider }) => this.postponed.find(({ id }) => id === provider.id)?.notBefore,
    );
    return [
      ...left.filter((_, index) => moments[index] === undefined),
      ...left.filter((_, index) => (moments[index] ?? Infinity) <= now),
    ];
  }

  /**
   * The active providers that could not have served the request and were not asked, as of the last look. Those without the
   * model that it names were never candidates: only `explainRoute` lists them.
   */
  unfit(): Route['skipped'] {
    return this.unable.filter(
      ({ deployment: { provider }, refusal }) =>
        provider.isActive && refusal.reason !== 'lacks_model' && !this.done.includes(provider.id),
    );
  }

  /** The request is done with the provider. */
  drop(providerId: string): void {
    this.done.push(providerId);
  }

  /** The provider becomes the last candidate, and is not tried again before `delayMs` have passed. */
  postpone(providerId: string, delayMs: number): void {
    const notBefore = this.clock.monotonic() + delayMs;
    const known = this.postponed.find(({ id }) => id === providerId);
    if (known) known.notBefore = notBefore;
    else this.postponed.push({ id: providerId, notBefore });
  }

  /** Milliseconds until the first backoff is over, where no other candidate is left. */
  waitMs(): number {
    if (this.postponed.length === 0 || this.candidates().length > 0) return 0;
    const left = this.left();
    const moments = this.postponed.filter(({ id }) => left.some(({ provider }) => provider.id === id));
    if (moments.length === 0) return 0;
    return Math.max(0, Math.min(...moments.map(({ notBefore }) => notBefore)) - this.clock.monotonic());
  }

  /** Those the request is not done with. */
  private left(): Deployment[] {
    const { ordered, skipped } = this.plan(this.request, this.knowledge);
    this.unable = skipped;
    const left =
      this.done.length === 0 ? ordered : ordered.filter(({ provider }) => !this.done.includes(provider.id));
    this.remaining = left;
    return left;
  }

  /** The request was too long for this deployment. */
  outgrew({ terms: { contextWindow } }: Deployment): void {
    // One of unknown size teaches nothing, and must not make a smaller one that was ruled out a candidate again.
    if (contextWindow !== null) this.knowledge.contextWindowAbove = contextWindow;
  }
}
