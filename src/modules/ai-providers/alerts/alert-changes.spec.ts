import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Alert, AlertFinding } from '../interfaces/monitoring/alert.interface.js';
import { alertChanges, alertKey } from './alert-changes.js';

const finding = fc.record<AlertFinding>({
  type: fc.constantFrom('error_rate', 'latency', 'cost'),
  severity: fc.constantFrom('critical', 'warning'),
  providerId: fc.constantFrom('p1', 'p2', null),
  message: fc.constantFrom('one', 'two'),
  value: fc.integer({ min: 0, max: 3 }),
  threshold: fc.constant(1),
});
const findings = fc.uniqueArray(finding, { selector: alertKey, maxLength: 9 });

const standing = (each: AlertFinding, index: number): Alert => ({
  ...each,
  id: `alert-${index}`,
  status: 'active',
  triggeredAt: '2026-01-01T00:00:00.000Z',
  resolvedAt: null,
});

describe('alertChanges', () => {
  it('makes the active alerts those that hold, and each of them once', () => {
    fc.assert(
      fc.property(findings, findings, (before, now) => {
        const active = before.map(standing);
        const { raise, update, resolve } = alertChanges(active, now);
        const gone = new Set(resolve.map(({ id }) => id));
        const updated = new Map(update.map(({ alert, finding }) => [alert.id, finding]));
        const after = [
          ...active.filter(({ id }) => !gone.has(id)).map((alert) => updated.get(alert.id) ?? alert),
          ...raise,
        ];
        const core = ({
          type,
          severity,
          providerId,
          message,
          value,
          threshold,
        }: AlertFinding): AlertFinding => ({
          type,
          severity,
          providerId,
          message,
          value,
          threshold,
        });
        const byKey = (left: AlertFinding, right: AlertFinding): number =>
          alertKey(left) < alertKey(right) ? -1 : 1;
        expect(after.map(core).sort(byKey)).toEqual([...now].sort(byKey));
      }),
    );
  });

  it('changes nothing where nothing has changed', () => {
    fc.assert(
      fc.property(findings, (now) => {
        expect(alertChanges(now.map(standing), now)).toEqual({ raise: [], update: [], resolve: [] });
      }),
    );
  });
});
