import type { RequestPriority } from '../../interfaces/completion.interface.js';

/** Something in a lane; leaving it from anywhere is O(1). */
export interface LaneEntry<T> {
  readonly value: T;
  readonly rank: Rank;
  readonly since: number;
  readonly round: number;
  previous: LaneEntry<T> | null;
  next: LaneEntry<T> | null;
}

type Rank = 0 | 1 | 2;

interface RankList<T> {
  first: LaneEntry<T> | null;
  last: LaneEntry<T> | null;
  /** Served from above while this list had somebody waiting, since it was last served. */
  passedOver: number;
  /** The round of the request that was served last: no new one comes before it. */
  round: number;
  /** The last round of each caller who waits here. */
  readonly rounds: Map<string, number>;
}

const RANK: Record<RequestPriority, Rank> = { high: 0, normal: 1, low: 2 };

/** How often a rank lets those above it go first before one of its own is due; our choice. */
const PATIENCE: readonly [high: number, normal: number, low: number] = [Infinity, 4, 8];

/**
 * Waiters in the order in which they are served: high before normal before low, first come first served within each.
 * No priority starves: after 4 from above a normal one is due, after 8 a low one, and the lowest that is due goes first. So
 * the k-th low waiter is served within 9k servings of this lane, the k-th normal one within 6k. Every operation is O(1) but the coming back of one who has been here before.
 */
export class PriorityLane<T> {
  private readonly ranks: readonly [RankList<T>, RankList<T>, RankList<T>] = [
    emptyList(),
    emptyList(),
    emptyList(),
  ];

  /**
   * Callers take turns: the second of one waits behind the first of every other.
   * @param since when it came: a request that waited before and has come back takes its old place, and no other overtakes
   */
  push(value: T, priority: RequestPriority, since = Infinity, caller?: string): LaneEntry<T> {
    const rank = RANK[priority];
    const list = this.ranks[rank];
    const round = roundOf(list, caller);
    let previous = list.last;
    while (previous && (previous.round > round || (previous.round === round && previous.since > since)))
      previous = previous.previous;
    const next = previous ? previous.next : list.first;
    const entry: LaneEntry<T> = { value, rank, since, round, previous, next };
    if (previous) previous.next = entry;
    else list.first = entry;
    if (next) next.previous = entry;
    else list.last = entry;
    return entry;
  }

  /** The request to be served next; null where none waits. */
  peek(): LaneEntry<T> | null {
    for (const rank of [2, 1] as const) {
      const { first, passedOver } = this.ranks[rank];
      if (first && passedOver >= PATIENCE[rank]) return first;
    }
    return this.ranks[0].first ?? this.ranks[1].first ?? this.ranks[2].first;
  }

  /** Takes out who was served, and counts it for those below who were passed over. */
  served(entry: LaneEntry<T>): void {
    this.ranks[entry.rank].passedOver = 0;
    this.ranks[entry.rank].round = entry.round;
    for (const list of this.ranks.slice(entry.rank + 1)) {
      if (list.first) list.passedOver += 1;
    }
    this.remove(entry);
  }

  /** Takes out who has left; only for an entry that is in this lane. */
  remove(entry: LaneEntry<T>): void {
    const list = this.ranks[entry.rank];
    if (entry.previous) entry.previous.next = entry.next;
    else list.first = entry.next;
    if (entry.next) entry.next.previous = entry.previous;
    else list.last = entry.previous;
    if (list.first) return;
    list.passedOver = 0;
    list.round = 0;
    list.rounds.clear();
  }
}

function emptyList<T>(): RankList<T> {
  return { first: null, last: null, passedOver: 0, round: 0, rounds: new Map() };
}

/** The round in which a caller's next is served: after his others that wait, and not before the present one. */
function roundOf<T>(list: RankList<T>, caller: string | undefined): number {
  if (caller === undefined) return list.round;
  const round = Math.max(list.round, (list.rounds.get(caller) ?? list.round - 1) + 1);
  list.rounds.set(caller, round);
  return round;
}
