export type AlertType = 'error_rate' | 'latency' | 'cost' | 'circuit_open' | 'unanswered_requests';
export type AlertSeverity = 'critical' | 'warning' | 'info';

/** Which alerts are asked for. */
export type AlertStatus = 'active' | 'resolved';

/** A rule that holds now; when it began is not known here. */
export interface AlertFinding {
  type: AlertType;
  severity: AlertSeverity;
  /** Null for the service as a whole. */
  providerId: string | null;
  message: string;
  /** Percent, milliseconds, money or a number of requests, as the type says. */
  value: number;
  threshold: number;
}

/** A threshold that is or was exceeded: one at most at a time for each rule and provider. */
export interface Alert extends AlertFinding {
  id: string;
  status: AlertStatus;
  /** When it was first seen to hold, ISO 8601. */
  triggeredAt: string;
  /** When it was first seen to hold no longer. */
  resolvedAt: string | null;
}

/** A message to the webhook. */
export interface AlertNotice {
  /** The same at every try. */
  id: string;
  payload: string;
  /** This one included. */
  attempts: number;
}
