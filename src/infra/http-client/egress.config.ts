import * as z from 'zod/mini';
import { list } from '../config/value.schemas.js';
import { variable } from '../config/variable.js';
import { egressEntry } from './egress-entry.value.js';

/** Private addresses that may be reached. */
export const egressConfig = z.strictObject({
  egressAllow: variable(
    'AI_EGRESS_ALLOW',
    list(egressEntry),
    [],
    'Private hosts or CIDRs, optionally with a port, that providers may be at in production; comma-separated.',
  ),
});
export type EgressConfig = Readonly<z.output<typeof egressConfig>>;
