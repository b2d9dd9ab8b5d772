/**
 * Who is there, for what comes and goes thousands of times a second. V8 makes the table of a `Map` or `Set` anew every few
 * additions, among the old objects once one of them is there, and whatever stood in a table that was left stays alive until
 * the whole heap is collected (`OrderedHashTable::Rehash` in V8's src/objects/ordered-hash-table.cc): requests that stood in
 * one are kept long after they are over. Here a place that is left is taken again.
 */
export class Roster<T extends object> {
  private readonly places: (T | null)[] = [];
  private readonly free: number[] = [];

  /** How many are there. */
  get size(): number {
    return this.places.length - this.free.length;
  }

  /** Gives the place of `one`, to be left once. */
  enter(one: T): number {
    const place = this.free.pop() ?? this.places.length;
    this.places[place] = one;
    return place;
  }

  leave(place: number): void {
    this.places[place] = null;
    this.free.push(place);
  }

  /** Those that are there now, in no order. */
  all(): T[] {
    return this.places.filter((one) => one !== null);
  }
}
