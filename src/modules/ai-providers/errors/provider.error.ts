import type { Fault, TimeoutPhase } from '../interfaces/attempt.interface.js';
import type { ReportedUsage } from '../interfaces/usage.interface.js';

/** What is known about a failed try beside its fault. */
export interface ProviderErrorDetails {
  /** The vendor's HTTP status. */
  status?: number;
  /** The vendor's own error code or type. */
  vendorCode?: string;
  /** How long the vendor asks us to stay away, in milliseconds. */
  retryAfterMs?: number;
  phase?: TimeoutPhase;
  /** What the vendor billed all the same. */
  usage?: ReportedUsage;
  cause?: unknown;
}

/**
 * One failed try at one provider. `message` is readable and free of secrets: it goes to callers and logs. `fault`
 * decides what happens next.
 */
export class ProviderError extends Error {
  readonly fault: Fault;
  readonly status?: number;
  /** Made fit to be shown by the adapter, as `message` is. */
  vendorCode?: string;
  readonly retryAfterMs?: number;
  readonly phase?: TimeoutPhase;
  readonly usage?: ReportedUsage;

  constructor(fault: Fault, message: string, details: ProviderErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'ProviderError';
    this.fault = fault;
    this.status = details.status;
    this.vendorCode = details.vendorCode;
    this.retryAfterMs = details.retryAfterMs;
    this.phase = details.phase;
    this.usage = details.usage;
  }
}

/** What our own code threw in a try, which is not the vendor's fault. The log has `cause`; a caller never sees it. */
export function internalFault(cause: unknown): ProviderError {
  return new ProviderError('internal', 'The service failed to make or to read this call.', { cause });
}
