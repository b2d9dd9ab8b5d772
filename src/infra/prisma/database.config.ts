import * as z from 'zod/mini';
import { optionalSecret } from '../config/variable.js';
import { databaseUrl } from './database-url.value.js';

/** Where what is kept for good is. Not set: the embedded database in the data directory. */
export const databaseConfig = z.strictObject({
  databaseUrl: optionalSecret(
    'DATABASE_URL',
    databaseUrl,
    'PostgreSQL, as postgresql://…, its schema as ?schema=…; unset, an embedded one under AI_DATA_DIR.',
  ),
});
export type DatabaseConfig = Readonly<z.output<typeof databaseConfig>>;
