import type { Alert, AlertFinding } from '../interfaces/monitoring/alert.interface.js';

/** What is to be done so that the active alerts are those that hold. */
export interface AlertChanges {
  raise: AlertFinding[];
  /** Alerts that go on with another severity or other figures. */
  update: { alert: Alert; finding: AlertFinding }[];
  resolve: Alert[];
}

/** Compares the active alerts with what holds now; a rule is identified by its type and provider. */
export function alertChanges(active: readonly Alert[], findings: readonly AlertFinding[]): AlertChanges {
  const known = new Map(active.map((alert) => [alertKey(alert), alert]));
  const holding = new Set(findings.map(alertKey));
  return {
    raise: findings.filter((finding) => !known.has(alertKey(finding))),
    update: findings.flatMap((finding) => {
      const alert = known.get(alertKey(finding));
      return alert === undefined || isSame(alert, finding) ? [] : [{ alert, finding }];
    }),
    resolve: active.filter((alert) => !holding.has(alertKey(alert))),
  };
}

/** Rule and provider. */
export function alertKey({ type, providerId }: Pick<AlertFinding, 'type' | 'providerId'>): string {
  return `${type} ${providerId ?? ''}`;
}

function isSame(alert: Alert, finding: AlertFinding): boolean {
  return (
    alert.severity === finding.severity &&
    alert.message === finding.message &&
    alert.value === finding.value &&
    alert.threshold === finding.threshold
  );
}
