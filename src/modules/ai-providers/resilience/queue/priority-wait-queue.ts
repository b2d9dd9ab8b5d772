import type { LaneEntry } from './priority-lane.js';
import { QueueRefusedError } from './queue-refused.error.js';
import { QueueWaiter } from './queue-waiter.js';
import { WaitLane } from './wait-lane.js';
import type { WaitQueueOptions, WaitRequest } from './wait-queue.interface.js';

/**
 * A bounded wait queue. A request is served at once where there is room and none waits before it; otherwise when
 * `notify` says that something was given back, or at the time that `tryTake` named. One that is aborted or runs out of time
 * leaves at once and is never served afterwards. Joining and leaving are O(1) apart from a look at each lane.
 */
export class PriorityWaitQueue<Need, Grant> {
  /** In the order of their turns. */
  private readonly lanes = new Map<string, WaitLane<Need, Grant>>();
  private alarm: { at: number; cancel: () => void } | null = null;
  private draining = false;
  /** How many of each named caller wait. */
  private readonly callers = new Map<string, number>();

  constructor(private readonly options: WaitQueueOptions<Need, Grant>) {}

  /** How many wait now. */
  get size(): number {
    let size = 0;
    for (const lane of this.lanes.values()) size += lane.length;
    return size;
  }

  /**
   * Waits for a grant. A signal that aborts after the grant was made does not take it back: the grant is returned, and
   * the caller gives it back.
   * @throws the signal's reason when it aborts
   * @throws QueueRefusedError where the queue is full, the known wait too long, or the deadline reached
   */
  async wait(request: WaitRequest<Need>): Promise<Grant> {
    request.signal.throwIfAborted();
    return new Promise<Grant>((resolve, reject) => {
      const waiter = new QueueWaiter<Need, Grant>(request, resolve, reject);
      const lane = this.laneOf(request.lane);
      const entry = lane.join(waiter);
      this.drain();
      if (!waiter.isSettled) this.settleDown(waiter, lane, entry);
    });
  }

  /**
   * Something was given back: asks for those who wait, in their order. From within `tryTake` it does nothing, so that
   * what is taken and given back there wakes no request.
   */
  notify(): void {
    if (this.draining) return;
    for (const lane of this.lanes.values()) lane.refresh();
    this.drain();
  }

  /** Rejects everybody who waits, for a shutdown. */
  rejectAll(reason: Error): void {
    for (const lane of this.lanes.values()) lane.refuseAll(reason);
    this.drain();
  }

  private settleDown(
    waiter: QueueWaiter<Need, Grant>,
    lane: WaitLane<Need, Grant>,
    entry: LaneEntry<QueueWaiter<Need, Grant>>,
  ): void {
    const { clock, capacity } = this.options;
    const { deadlineAt, signal } = waiter.request;
    const leave = (reason: unknown): void => {
      lane.leave(entry);
      waiter.refuse(reason);
      this.drain();
    };
    const now = clock.monotonic();
    const waitMs = lane.knownWait(now);
    if (this.size > capacity || this.hasShare(waiter.request.caller))
      leave(new QueueRefusedError('full', waitMs));
    else if (waitMs !== undefined && now + waitMs > deadlineAt)
      leave(new QueueRefusedError('too_long', waitMs));
    else if (deadlineAt <= now) leave(new QueueRefusedError('expired', waitMs));
    else {
      waiter.watch(
        clock,
        () => leave(signal.reason),
        () => leave(new QueueRefusedError('expired', lane.knownWait(clock.monotonic()))),
        () => this.count(waiter.request.caller, -1),
      );
      this.count(waiter.request.caller, 1);
    }
  }

  /** Whether as many of the caller's wait as may. */
  private hasShare(caller: string | undefined): boolean {
    const { capacityPerCaller = Infinity } = this.options;
    return caller !== undefined && (this.callers.get(caller) ?? 0) >= capacityPerCaller;
  }

  private count(caller: string | undefined, by: 1 | -1): void {
    if (caller === undefined) return;
    const count = (this.callers.get(caller) ?? 0) + by;
    if (count > 0) this.callers.set(caller, count);
    else this.callers.delete(caller);
  }

  /** Serves until every lane's next has to wait; a lane that served goes to the end of the turns. */
  private drain(): void {
    if (this.draining) return;
    this.draining = true;
    const now = this.options.clock.monotonic();
    const turns = [...this.lanes.values()];
    for (let lane = turns.shift(); lane; lane = turns.shift()) {
      if (lane.serveOne(now)) {
        this.lanes.delete(lane.name);
        this.lanes.set(lane.name, lane);
        turns.push(lane);
      } else if (lane.length === 0) this.lanes.delete(lane.name);
    }
    this.draining = false;
    this.setAlarm();
  }

  /** One timer for the earliest time at which some lane is worth asking for. */
  private setAlarm(): void {
    const { clock } = this.options;
    let at = Infinity;
    for (const lane of this.lanes.values()) at = Math.min(at, lane.askAgainAt());
    if (this.alarm?.at === at) return;
    this.alarm?.cancel();
    this.alarm = null;
    if (at === Infinity) return;
    const cancel = clock.schedule(Math.max(0, at - clock.monotonic()), () => {
      this.alarm = null;
      this.drain();
    });
    this.alarm = { at, cancel };
  }

  private laneOf(name: string): WaitLane<Need, Grant> {
    const known = this.lanes.get(name);
    if (known) return known;
    const lane = new WaitLane<Need, Grant>(name, this.options.tryTake);
    this.lanes.set(name, lane);
    return lane;
  }
}
