import * as z from 'zod/mini';
import { integer } from '../../../infra/config/value.schemas.js';
import { variable } from '../../../infra/config/variable.js';

/** How much is kept of single requests. */
export const ledgerConfig = z.strictObject({
  journalMaxBytes: variable(
    'AI_JOURNAL_MAX_BYTES',
    integer(65_536, 1_099_511_627_776),
    268_435_456,
    'Most disk for requests that are not in the database yet; beyond it they go unrecorded.',
  ),
  logRetentionDays: variable(
    'AI_LOG_RETENTION_DAYS',
    integer(1, 36_500),
    30,
    'Days for which every single request is kept; totals stay.',
  ),
});
export type LedgerConfig = Readonly<z.output<typeof ledgerConfig>>;
