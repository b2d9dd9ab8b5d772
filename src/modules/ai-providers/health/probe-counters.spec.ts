import { ProbeCounters } from './probe-counters.js';

describe('ProbeCounters', () => {
  it('counts a probe once however often its result is shown, and each provider apart', () => {
    const probes = new ProbeCounters();
    for (const checkedAt of [1, 1, 2, 2]) probes.observe('p1', { healthy: checkedAt === 1, checkedAt });
    probes.observe('p2', { healthy: true, checkedAt: 1 });
    expect([probes.of('p1'), probes.of('p2'), probes.of('p3')]).toEqual([
      { probes: 2, healthy: 1 },
      { probes: 1, healthy: 1 },
      { probes: 0, healthy: 0 },
    ]);
  });
});
