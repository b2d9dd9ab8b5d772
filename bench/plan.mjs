/**
 * How long a run takes. Each round measures every contender by every scenario once. Before the first, each is warmed up
 * for so many seconds and requests, whichever takes longer: what is measured sooner is the compiler's, and on a busy
 * machine few requests fit in a second. In each round a contender is pressed for `warmAgainSeconds` first.
 */
export const PLANS = {
  full: {
    rounds: 5,
    withPortkey: true,
    warmUp: { seconds: 8, requests: 20_000 },
    warmAgainSeconds: 3,
    plainSeconds: 5,
    tailSeconds: 3,
    streamSeconds: 3,
    firstChunkSeconds: 2,
  },
  quick: {
    rounds: 3,
    withPortkey: true,
    warmUp: { seconds: 6, requests: 6_000 },
    warmAgainSeconds: 3,
    plainSeconds: 2,
    tailSeconds: 2,
    streamSeconds: 2,
    firstChunkSeconds: 1,
  },
  /** Shows that it works, not how fast. */
  smoke: {
    rounds: 1,
    withPortkey: false,
    warmUp: { seconds: 0, requests: 0 },
    warmAgainSeconds: 0,
    plainSeconds: 1,
    tailSeconds: 0.2,
    streamSeconds: 0.2,
    firstChunkSeconds: 0.2,
  },
};

/** Connections of the plain runs. */
export const CONNECTIONS = [1, 32, 128];

/** Connections at which the tail is measured. */
export const TAIL_CONNECTIONS = 128;

/** Streams read at once when it is chunks a second that count. */
export const STREAMS_AT_ONCE = 32;
