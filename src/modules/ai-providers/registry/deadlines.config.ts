import * as z from 'zod/mini';
import { milliseconds } from '../../../infra/config/value.schemas.js';
import { variable } from '../../../infra/config/variable.js';

/** Deadlines of a provider that does not set its own. */
export const deadlinesConfig = z.strictObject({
  connectTimeoutMs: variable('AI_CONNECT_TIMEOUT_MS', milliseconds(), 5000, 'Time to connect to a vendor.'),
  firstTokenTimeoutMs: variable(
    'AI_FIRST_TOKEN_TIMEOUT_MS',
    milliseconds(),
    12_000,
    "Time to a stream's first content, while another provider is left; 5 min for a model that may think.",
  ),
  idleTimeoutMs: variable(
    'AI_IDLE_TIMEOUT_MS',
    milliseconds(),
    15_000,
    'Silence between two events of a stream; 5 min for a model that may think.',
  ),
});
export type DeadlinesConfig = Readonly<z.output<typeof deadlinesConfig>>;
