import fc from 'fast-check';
import { Roster } from './roster.js';

describe('Roster', () => {
  it('knows who is there, whoever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(9))), (steps) => {
        const roster = new Roster<object>();
        const present = new Map<object, number>();
        for (const leaving of steps) {
          const one = [...present.keys()][leaving ?? Infinity];
          if (one === undefined) {
            const newcomer = {};
            present.set(newcomer, roster.enter(newcomer));
          } else {
            roster.leave(present.get(one) ?? -1);
            present.delete(one);
          }
          expect(roster.size).toBe(present.size);
          expect(new Set(roster.all())).toEqual(new Set(present.keys()));
        }
      }),
    );
  });

  it('needs no more places than were ever taken at once', () => {
    const roster = new Roster<object>();
    const places = Array.from({ length: 1_000 }, () => {
      const pair = [roster.enter({}), roster.enter({})];
      pair.forEach((place) => roster.leave(place));
      return pair;
    });
    expect(Math.max(...places.flat())).toBe(1);
  });
});
