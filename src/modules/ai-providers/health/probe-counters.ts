import { Injectable } from '@nestjs/common';

/** What the probes of a provider have found. */
export interface ProbeCount {
  probes: number;
  healthy: number;
}

/** Counts the probes this process has made; a result that is shown again is not another probe. */
@Injectable()
export class ProbeCounters {
  private readonly counts = new Map<string, ProbeCount & { lastAt: number }>();

  /** @param checkedAt milliseconds since the epoch: identifies the probe */
  observe(providerId: string, { healthy, checkedAt }: { healthy: boolean; checkedAt: number }): void {
    const count = this.counts.get(providerId) ?? { probes: 0, healthy: 0, lastAt: -Infinity };
    if (checkedAt <= count.lastAt) return;
    this.counts.set(providerId, {
      probes: count.probes + 1,
      healthy: count.healthy + (healthy ? 1 : 0),
      lastAt: checkedAt,
    });
  }

  of(providerId: string): ProbeCount {
    const { probes, healthy } = this.counts.get(providerId) ?? { probes: 0, healthy: 0 };
    return { probes, healthy };
  }
}
