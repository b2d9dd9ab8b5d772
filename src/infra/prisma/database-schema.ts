import type pg from 'pg';

/** The schema of a database whose URL names none (https://www.postgresql.org/docs/current/ddl-schemas.html). */
export const DEFAULT_SCHEMA = 'public';

/** The schema that the tables are in: `?schema=` of a connection's URL, as Prisma's own URLs have it. */
export function schemaOf({ connectionString }: pg.PoolConfig): string {
  if (connectionString === undefined || !URL.canParse(connectionString)) return DEFAULT_SCHEMA;
  return new URL(connectionString).searchParams.get('schema') || DEFAULT_SCHEMA;
}
