import { Inject, Injectable } from '@nestjs/common';
import type { AIProvider, PrismaClient } from '../../../generated/prisma/client.js';
import { databaseFault } from '../../../infra/prisma/database-fault.js';
import { PrismaService } from '../../../infra/prisma/prisma.service.js';
import { AIError } from '../errors/ai.error.js';
import { callDatabase } from '../storage/database-call.js';
import { toCreateInput, toProviderRow, toUpdateInput } from './provider-row.converter.js';
import type { NewProviderRow, ProviderRow, ProviderRowChanges } from './provider-row.js';

export type { NewProviderRow, ProviderRow, ProviderRowChanges } from './provider-row.js';

/** The widest grain of the sums. */
const MINUTES_A_DAY = 1_440;

/** Changes when any row is added, changed or removed, in whatever order transactions commit. */
const FINGERPRINT_SQL = `
  SELECT count(*) || ':' || coalesce(sum(hashtextextended("id" || ':' || "revision", 0)::numeric), 0) FROM "AIProvider"`;

/**
 * The providers in the database. Rows hold ciphertext; what it means is not known here. Every method throws
 * `AIError('DATABASE_UNAVAILABLE')` within 2 s when the database cannot be reached or does not answer, and
 * `AIError('VALIDATION_FAILED')` for a value that it cannot hold. A write that ran out of time may have happened.
 */
@Injectable()
export class AIProviderRepository {
  constructor(@Inject(PrismaService) private readonly database: PrismaService) {}

  /** All, deactivated ones included: highest priority first, then oldest first. */
  async findAll(): Promise<ProviderRow[]> {
    const order = [{ priority: 'desc' }, { createdAt: 'asc' }, { id: 'asc' }] as const;
    const records = await this.run((prisma) => prisma.aIProvider.findMany({ orderBy: [...order] }));
    return records.map(toProviderRow);
  }

  async findById(id: string): Promise<ProviderRow | null> {
    return firstOf(await this.run((prisma) => prisma.aIProvider.findMany({ where: { id } })));
  }

  async create(row: NewProviderRow): Promise<ProviderRow> {
    return toProviderRow(await this.run((prisma) => prisma.aIProvider.create({ data: toCreateInput(row) })));
  }

  /** Stores `row` unless its `origin` was ever stored before, deactivated since or not; then null. */
  async createFromOrigin(row: NewProviderRow & { origin: string }): Promise<ProviderRow | null> {
    const data = [toCreateInput(row)];
    return firstOf(
      await this.run((prisma) => prisma.aIProvider.createManyAndReturn({ data, skipDuplicates: true })),
    );
  }

  /** The provider that was registered from `origin`, if any was. */
  async findByOrigin(origin: string): Promise<ProviderRow | null> {
    return firstOf(await this.run((prisma) => prisma.aIProvider.findMany({ where: { origin } })));
  }

  /** Changes what is given, only if the row is still at that revision; null where it is not, or is gone. */
  async update(
    { id, revision }: Pick<ProviderRow, 'id' | 'revision'>,
    changes: ProviderRowChanges,
  ): Promise<ProviderRow | null> {
    const data = toUpdateInput(changes);
    return firstOf(
      await this.run((prisma) => prisma.aIProvider.updateManyAndReturn({ where: { id, revision }, data })),
    );
  }

  /** Removes the row, only if it is still at that revision; says whether it did. */
  async remove({ id, revision }: Pick<ProviderRow, 'id' | 'revision'>): Promise<boolean> {
    const { count } = await this.run((prisma) => prisma.aIProvider.deleteMany({ where: { id, revision } }));
    return count === 1;
  }

  /** Whether anything is on record of what the provider did. The sums by day outlive single requests. */
  async hasHistory(providerId: string): Promise<boolean> {
    const where = { grain: MINUTES_A_DAY, providerId };
    const found = await this.run((prisma) =>
      Promise.all([
        prisma.aIUsage.findFirst({ where, select: { grain: true } }),
        prisma.aIFailure.findFirst({ where, select: { grain: true } }),
        prisma.aIAlert.findFirst({ where: { providerId }, select: { id: true } }),
      ]),
    );
    return found.some((row) => row !== null);
  }

  /**
   * Calls `onChange` once at the start and then within 1 s of any change to any provider, whichever process made it. On the
   * embedded database it is never called: there every change is made by this process.
   */
  watch(onChange: () => void | Promise<void>): void {
    this.database.subscribe({ channel: 'ai_providers_changed', fingerprintSql: FINGERPRINT_SQL, onChange });
  }

  private async run<T>(work: (prisma: PrismaClient) => Promise<T>): Promise<T> {
    try {
      return await callDatabase(this.database, work);
    } catch (error) {
      if (databaseFault(error) !== 'bad-value') throw error;
      throw new AIError('VALIDATION_FAILED', 'A value cannot be stored', {
        problems: [{ field: 'body', message: 'a text holds a NUL character, or a number is too large' }],
        cause: error,
      });
    }
  }
}

function firstOf(records: AIProvider[]): ProviderRow | null {
  return records[0] === undefined ? null : toProviderRow(records[0]);
}
