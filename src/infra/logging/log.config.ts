import * as z from 'zod/mini';
import { oneOf } from '../config/value.schemas.js';
import { variable } from '../config/variable.js';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** How much is logged. */
export const logConfig = z.strictObject({
  logLevel: variable(
    'LOG_LEVEL',
    oneOf(LOG_LEVELS),
    'info',
    `Least severe level logged: ${LOG_LEVELS.join(', ')}.`,
  ),
});
