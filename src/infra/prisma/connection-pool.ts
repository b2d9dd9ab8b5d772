import pg from 'pg';
import { schemaOf } from './database-schema.js';

/** Bounds on one pool's work, in milliseconds; 0 means no bound. */
export interface PoolLimits {
  max: number;
  /** Waiting for a connection, making one included. */
  connectMs: number;
  /** One statement, enforced by the server as `statement_timeout` and here on a server that hangs. */
  queryMs: number;
}

/** A server over a network: the contract bounds every database call at 2 s. */
export const SERVER_LIMITS: PoolLimits = { max: 10, connectMs: 2_000, queryMs: 2_000 };

/** PGlite works one connection at a time, and shares the machine with everything else here. */
export const EMBEDDED_LIMITS: PoolLimits = { max: 1, connectMs: 30_000, queryMs: 30_000 };

/** Looks at whether something has changed: one that takes longer than this is made anew on another connection. */
export const WATCH_LIMITS: PoolLimits = { max: 1, connectMs: 2_000, queryMs: 1_000 };

/** One connection for the whole run, as migrations lock by session; a migration may take its time. */
export const MIGRATION_LIMITS: PoolLimits = { max: 1, connectMs: 10_000, queryMs: 0 };

/**
 * Connections on which every session speaks UTC, since `@prisma/adapter-pg` sends and reads timestamps without their zone,
 * and finds unqualified names in the schema of the URL alone.
 * An idle connection that breaks is dropped by the pool and never brings the process down.
 */
export function createPool(connection: pg.PoolConfig, limits: PoolLimits): pg.Pool {
  const searchPath = pg.escapeIdentifier(schemaOf(connection));
  // pg-pool waits for what this returns, which its type does not say.
  const setUpSession: (client: pg.ClientBase) => unknown = async (client) => {
    endWithItsLateQuery(client);
    await client.query(
      `SET TIME ZONE 'UTC'; SET statement_timeout = ${limits.queryMs}; SET search_path = ${searchPath}`,
    );
  };
  const pool = new pg.Pool({
    ...connection,
    max: limits.max,
    connectionTimeoutMillis: limits.connectMs,
    idleTimeoutMillis: limits.max === 1 ? 0 : 30_000,
    keepAlive: true,
    ...(limits.queryMs > 0 && { query_timeout: limits.queryMs }),
    onConnect: setUpSession,
  });
  // Without a listener an idle connection's failure would be an uncaught exception. The next query reports it.
  pool.on('error', () => undefined);
  return pool;
}

/**
 * Ends the connection of a query that did not answer in time. The session may be in the middle of a transaction whose
 * ROLLBACK was given up too; used again, it would commit half of that with what comes next.
 */
function endWithItsLateQuery(client: pg.ClientBase): void {
  const query = client.query.bind(client) as (...input: unknown[]) => unknown;
  const bounded = (...input: unknown[]): unknown => {
    const answer = query(...input);
    // By a callback asks only the pool itself, which ends a connection that failed it.
    if (answer instanceof Promise)
      answer.catch((error: unknown) => {
        if (error instanceof Error && error.message === 'Query read timeout')
          void (client as pg.Client).end();
      });
    return answer;
  };
  client.query = bounded as typeof client.query;
}
