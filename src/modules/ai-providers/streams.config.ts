import * as z from 'zod/mini';
import { milliseconds, oneOf } from '../../infra/config/value.schemas.js';
import { variable } from '../../infra/config/variable.js';

const STREAM_RECOVERIES = ['splice', 'prefill', 'off'] as const;

/** What becomes of a stream that is cut. */
export const streamRecoveryConfig = z.strictObject({
  streamRecovery: variable(
    'AI_STREAM_RECOVERY',
    oneOf(STREAM_RECOVERIES),
    'splice',
    'How a cut stream goes on: splice, prefill or off.',
  ),
});

/** How long a stream may be silent, to its caller and from its reader. */
export const streamsConfig = z.strictObject({
  openAfterMs: variable(
    'AI_STREAM_OPEN_AFTER_MS',
    milliseconds(),
    20_000,
    "Silence after which a stream's head goes out before its first content.",
  ),
  readerTimeoutMs: variable(
    'AI_STREAM_READER_TIMEOUT_MS',
    milliseconds(),
    60_000,
    'How long the reader of a stream may take nothing before the stream is ended.',
  ),
});
export type StreamsConfig = Readonly<z.output<typeof streamsConfig>>;
