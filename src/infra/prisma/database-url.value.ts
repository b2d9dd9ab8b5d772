import * as z from 'zod/mini';
import { url, type Value } from '../config/value.schemas.js';

/** The URL's parameters that `pg` and we honour; any other would be ignored without its author noticing. */
const DATABASE_PARAMETERS: readonly string[] = [
  'schema',
  'sslmode',
  'sslcert',
  'sslkey',
  'sslrootcert',
  'uselibpqcompat',
  'application_name',
  'fallback_application_name',
  'options',
  'host',
  'port',
];

/** What Prisma can put between double quotes. */
const SCHEMA = /^[\w$-]+$/;

const anyDatabaseUrl = url(['postgresql', 'postgres']);

/** Where PostgreSQL is. */
export const databaseUrl: Value<string> = {
  expected: `${anyDatabaseUrl.expected}, its parameters none but ${DATABASE_PARAMETERS.join(', ')}`,
  schema: anyDatabaseUrl.schema.check(
    z.refine((text) => {
      const { searchParams } = URL.canParse(text) ? new URL(text) : new URL('postgresql://');
      const isKnown = [...searchParams.keys()].every((name) => DATABASE_PARAMETERS.includes(name));
      return isKnown && SCHEMA.test(searchParams.get('schema') ?? 'public');
    }),
  ),
};
