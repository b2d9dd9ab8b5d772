import { Inject, Injectable } from '@nestjs/common';
import { v4 as uuid } from 'uuid';
import type { AIAlert, Prisma } from '../../../generated/prisma/client.js';
import { PrismaService } from '../../../infra/prisma/prisma.service.js';
import type {
  Alert,
  AlertFinding,
  AlertNotice,
  AlertSeverity,
  AlertStatus,
  AlertType,
} from '../interfaces/monitoring/alert.interface.js';
import { alertChanges, alertKey, type AlertChanges } from './alert-changes.js';
import { callBoundOf, callDatabase } from '../storage/database-call.js';

/** The key of an advisory lock, any number that is used for nothing else: its holder brings the alerts up to date. */
const ALERT_LOCK = 7_214_006_150_312;

/** Longer than a receiver is waited for; after it another replica takes the message for unsent. */
const LEASE_MS = 60_000;

const MAX_LISTED = 1_000;

const CLAIM = `
  UPDATE "AIAlertNotice" SET "attempts" = "attempts" + 1, "dueAt" = $1::timestamptz + interval '${LEASE_MS} milliseconds'
   WHERE "id" = (SELECT "id" FROM "AIAlertNotice" WHERE "endedAt" IS NULL AND "dueAt" <= $1::timestamptz
                  ORDER BY "dueAt" LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING "id", "payload", "attempts"`;

/**
 * The alerts and the messages about them, one truth for all replicas. Methods throw `AIError('DATABASE_UNAVAILABLE')`
 * when the database does not answer.
 */
@Injectable()
export class AlertRepository {
  constructor(@Inject(PrismaService) private readonly database: PrismaService) {}

  /**
   * Makes the active alerts those that hold: each begins once, whichever replica finds it first, and keeps when it began.
   * @param announces whether a message is put down for each that begins or ends
   */
  async bringUpToDate(findings: readonly AlertFinding[], now: Date, announces: boolean): Promise<void> {
    if (isNothing(alertChanges(await this.list('active'), findings))) return;
    await this.change(findings, now, announces);
  }

  /** As `bringUpToDate`, unless all that has changed are the figures of alerts that go on. */
  async beginAndEnd(findings: readonly AlertFinding[], now: Date, announces: boolean): Promise<void> {
    if (isOnlyFigures(alertChanges(await this.list('active'), findings))) return;
    await this.change(findings, now, announces);
  }

  private async change(findings: readonly AlertFinding[], now: Date, announces: boolean): Promise<void> {
    const timeout = callBoundOf(this.database);
    await callDatabase(this.database, (prisma) =>
      prisma.$transaction(
        async (transaction) => {
          await transaction.$executeRawUnsafe(`SELECT pg_advisory_xact_lock(${ALERT_LOCK})`);
          const active = (await transaction.aIAlert.findMany({ where: { resolvedAt: null } })).map(toAlert);
          await apply(transaction, alertChanges(active, findings), now, announces);
        },
        { timeout, maxWait: timeout },
      ),
    );
  }

  /** The newest first, a thousand at most. */
  async list(status: AlertStatus | 'all'): Promise<Alert[]> {
    const where = { active: { resolvedAt: null }, resolved: { resolvedAt: { not: null } }, all: {} }[status];
    const rows = await callDatabase(this.database, (prisma) =>
      prisma.aIAlert.findMany({ where, orderBy: [{ triggeredAt: 'desc' }, { id: 'asc' }], take: MAX_LISTED }),
    );
    return rows.map(toAlert);
  }

  /** A message that is due; no other replica gets it within the next minute. Null where there is none. */
  async claimNotice(now: Date): Promise<AlertNotice | null> {
    const [notice] = await callDatabase(this.database, (prisma) =>
      prisma.$queryRawUnsafe<AlertNotice[]>(CLAIM, now),
    );
    return notice ?? null;
  }

  /** The message is to be sent again at `dueAt`. */
  async postponeNotice(id: string, dueAt: Date): Promise<void> {
    await callDatabase(this.database, (prisma) =>
      prisma.aIAlertNotice.updateMany({ where: { id }, data: { dueAt } }),
    );
  }

  /** The message was taken, or is given up. */
  async endNotice(id: string, now: Date, delivered: boolean): Promise<void> {
    await callDatabase(this.database, (prisma) =>
      prisma.aIAlertNotice.updateMany({ where: { id }, data: { endedAt: now, delivered } }),
    );
  }
}

async function apply(
  transaction: Prisma.TransactionClient,
  { raise, update, resolve }: AlertChanges,
  now: Date,
  announces: boolean,
): Promise<void> {
  const begun = raise.map((finding) => ({ id: uuid(), ...finding, triggeredAt: now, resolvedAt: null }));
  await transaction.aIAlert.createMany({
    data: begun.map((alert) => ({ ...alert, activeKey: alertKey(alert) })),
  });
  for (const { alert, finding } of update)
    await transaction.aIAlert.update({ where: { id: alert.id }, data: finding });
  const ids = resolve.map(({ id }) => id);
  await transaction.aIAlert.updateMany({
    where: { id: { in: ids } },
    data: { resolvedAt: now, activeKey: null },
  });
  if (!announces) return;
  const ended = resolve.map((alert) => ({ ...alert, status: 'resolved', resolvedAt: now.toISOString() }));
  await transaction.aIAlertNotice.createMany({
    data: [
      ...begun.map((alert) => notice('alert.triggered', { ...alert, status: 'active' }, now)),
      ...ended.map((alert) => notice('alert.resolved', alert, now)),
    ],
  });
}

/** The form that Standard Webhooks recommends: https://github.com/standard-webhooks/standard-webhooks#payload-structure */
function notice(type: string, data: object, now: Date): Prisma.AIAlertNoticeCreateManyInput {
  return { id: `msg_${uuid()}`, payload: JSON.stringify({ type, timestamp: now, data }), dueAt: now };
}

function isNothing({ raise, update, resolve }: AlertChanges): boolean {
  return raise.length + update.length + resolve.length === 0;
}

function isOnlyFigures({ raise, update, resolve }: AlertChanges): boolean {
  return (
    raise.length + resolve.length === 0 &&
    update.every(({ alert, finding }) => alert.severity === finding.severity)
  );
}

function toAlert({ id, type, severity, providerId, message, value, threshold, ...times }: AIAlert): Alert {
  return {
    id,
    type: type as AlertType,
    severity: severity as AlertSeverity,
    providerId,
    message,
    value,
    threshold,
    status: times.resolvedAt === null ? 'active' : 'resolved',
    triggeredAt: times.triggeredAt.toISOString(),
    resolvedAt: times.resolvedAt?.toISOString() ?? null,
  };
}
