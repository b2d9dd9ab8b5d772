import type { PrismaClient } from '../../../generated/prisma/client.js';
import { databaseFault } from '../../../infra/prisma/database-fault.js';
import type { PrismaService } from '../../../infra/prisma/prisma.service.js';
import { within } from '../../../infra/prisma/time-bound.js';
import { AIError } from '../errors/ai.error.js';

/** The contract's bound on a database call; the embedded database shares our processor and gets longer. */
const SERVER_MS = 2_000;
const EMBEDDED_MS = 30_000;

/** How long a call to this database may take, in milliseconds. */
export function callBoundOf(database: PrismaService): number {
  return database.isEmbedded ? EMBEDDED_MS : SERVER_MS;
}

/**
 * What `work` gives. Throws `AIError('DATABASE_UNAVAILABLE')` within the bound when the database cannot be reached or
 * does not answer; what it was asked may have happened all the same. Other errors come through as they are.
 */
export async function callDatabase<T>(
  database: PrismaService,
  work: (prisma: PrismaClient) => Promise<T>,
): Promise<T> {
  try {
    return await within(callBoundOf(database), () => work(database.client));
  } catch (error) {
    if (databaseFault(error) !== 'unavailable') throw error;
    throw new AIError('DATABASE_UNAVAILABLE', 'The database is not available', { cause: error });
  }
}
