import type { SkipReason } from '../attempt.interface.js';

/** A provider that could serve the request. */
export interface ExplainedCandidate {
  /** 1 for the one asked first. */
  position: number;
  providerId: string;
  providerName: string;
  model: string;
  priority: number;
  wouldBeTried: boolean;
  /** Why it would not be asked at this moment. */
  skipped: SkipReason | null;
  /** When that may change, in milliseconds, where it is known. */
  retryAfterMs: number | null;
  /** Until when its vendor has asked to be left alone, where that is why. */
  cooldownUntil: string | null;
}

/** A provider that cannot serve the request, whenever it is asked. */
export interface PassedOverProvider {
  providerId: string;
  providerName: string;
  model: string;
  skipped: SkipReason;
  /** With `lacks_feature`: the field that it cannot serve, and why; else null. */
  field: string | null;
  reason: string | null;
}

/** The way a request would take now. */
export interface RouteExplanation {
  candidates: ExplainedCandidate[];
  passedOver: PassedOverProvider[];
}
