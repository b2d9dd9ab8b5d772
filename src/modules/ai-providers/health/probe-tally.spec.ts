import { ProbeTally } from './probe-tally.js';

describe('ProbeTally', () => {
  it('counts a probe once however often its result is shown, and each provider apart', () => {
    const tally = new ProbeTally();
    for (const checkedAt of [1, 1, 2, 2]) tally.observe('p1', { healthy: checkedAt === 1, checkedAt });
    tally.observe('p2', { healthy: true, checkedAt: 1 });
    expect([tally.of('p1'), tally.of('p2'), tally.of('p3')]).toEqual([
      { probes: 2, healthy: 1 },
      { probes: 1, healthy: 1 },
      { probes: 0, healthy: 0 },
    ]);
  });
});
