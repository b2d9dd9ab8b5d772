import { jest } from '@jest/globals';

/** Numbers in [0, 1) that follow from the seed alone. Source: "Mulberry32", Tommy Ettinger (public domain). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Numbers in [0, 1) that follow from the seed of this run of the tests, which Jest prints. */
export function randomOfRun(): () => number {
  return seeded(jest.getSeed());
}
