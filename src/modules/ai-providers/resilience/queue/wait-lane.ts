import type { LaneEntry } from './priority-lane.js';
import { PriorityLane } from './priority-lane.js';
import { QueueRefusedError } from './queue-refused.error.js';
import type { QueueWaiter } from './queue-waiter.js';
import type { TakeResult, WaitRequest } from './wait-queue.interface.js';

/** What a lane remembers of the last refusal, so that it does not ask for the same waiter in vain. */
interface Answer<Need, Grant> {
  about: QueueWaiter<Need, Grant>;
  askAgainAt: number;
  /** No room before that; 0 where nothing is known. */
  roomAt: number;
}

/** Those who wait for the same thing, asked for one after the other. */
export class WaitLane<Need, Grant> {
  private readonly order = new PriorityLane<QueueWaiter<Need, Grant>>();
  private answer: Answer<Need, Grant> | null = null;
  private waiting = 0;

  constructor(
    readonly name: string,
    private readonly tryTake: (request: WaitRequest<Need>) => TakeResult<Grant>,
  ) {}

  get length(): number {
    return this.waiting;
  }

  join(waiter: QueueWaiter<Need, Grant>): LaneEntry<QueueWaiter<Need, Grant>> {
    this.waiting += 1;
    return this.order.push(waiter, waiter.request.priority, waiter.request.since, waiter.request.caller);
  }

  /** Takes a waiter out. Only for one that is in this lane. */
  leave(entry: LaneEntry<QueueWaiter<Need, Grant>>): void {
    this.waiting -= 1;
    this.order.remove(entry);
  }

  /** Forgets the last refusal: something was given back. */
  refresh(): void {
    this.answer = null;
  }

  /** When it is worth asking for the next in turn; Infinity where only `refresh` can help or no request waits. */
  askAgainAt(): number {
    const next = this.order.peek();
    if (!next) return Infinity;
    return this.answer?.about === next.value ? this.answer.askAgainAt : 0;
  }

  /** Milliseconds for which it is known that no request new to this lane will be served; undefined where nothing is known. */
  knownWait(now: number): number | undefined {
    return this.answer && this.answer.roomAt > now ? this.answer.roomAt - now : undefined;
  }

  /** Asks for the next in turn. @returns whether it left, served or not, so that another one can be asked for */
  serveOne(now: number): boolean {
    const next = this.order.peek();
    if (!next || this.askAgainAt() > now) return false;
    const waiter = next.value;
    try {
      return this.heed(next, this.tryTake(waiter.request), now);
    } catch (error) {
      this.leave(next);
      waiter.refuse(error);
      return true;
    }
  }

  /** Refuses everybody. */
  refuseAll(reason: Error): void {
    for (let next = this.order.peek(); next; next = this.order.peek()) {
      this.leave(next);
      next.value.refuse(reason);
    }
  }

  private heed(next: LaneEntry<QueueWaiter<Need, Grant>>, result: TakeResult<Grant>, now: number): boolean {
    const waiter = next.value;
    if (result.granted) {
      this.waiting -= 1;
      this.order.served(next);
      waiter.grant(result.grant);
      return true;
    }
    const askAgainAt = now + Math.max(1, result.waitMs);
    this.answer = { about: waiter, askAgainAt, roomAt: result.certain ? askAgainAt : 0 };
    if (!result.certain || askAgainAt <= waiter.request.deadlineAt) return false;
    this.leave(next);
    waiter.refuse(new QueueRefusedError('too_long', result.waitMs));
    return true;
  }
}
