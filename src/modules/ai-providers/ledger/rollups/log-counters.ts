import type { RequestEvent } from '../../interfaces/request-event.interface.js';
import { CircuitSkipLedger, type CircuitSkipRow } from './circuit-skip.js';
import { FailureLedger, type FailureRow } from './failure-row.js';
import { UsageLedger } from './usage-ledger.js';
import { rolledUp } from './usage-rollup.js';
import type { UsageRow } from './usage-row.js';

/** What requests add to the roll-ups of the log. */
export class LogCounters {
  private readonly usage = new UsageLedger();
  private readonly failures = new FailureLedger();
  private readonly skips = new CircuitSkipLedger();

  /** What `events` add. */
  static of(events: Iterable<RequestEvent>): LogCounters {
    const counters = new LogCounters();
    for (const event of events) counters.add(event);
    return counters;
  }

  add(event: RequestEvent): void {
    this.usage.add(event);
    this.failures.add(event);
    this.skips.add(event);
  }

  usageRows(): UsageRow[] {
    return rolledUp(this.usage.rows());
  }

  failureRows(): FailureRow[] {
    return this.failures.rows();
  }

  circuitSkipRows(): CircuitSkipRow[] {
    return this.skips.rows();
  }
}
