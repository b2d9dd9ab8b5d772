import { pino } from 'pino';
import type { LogLevel } from './log.config.js';
import { BatchedOutput } from './batched-output.js';
import { readableLine } from './readable.line.js';
import { redactFields, redactText } from './secret.redactor.js';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** True: one JSON object a line. False: one readable line, for a terminal. */
  readonly json: boolean;
  /** Where the lines go; standard output where it is left out. */
  readonly destination?: { write(line: string): void };
}

/** The `Logger` port and beyond. */
export interface ServiceLogger extends Pick<
  pino.Logger,
  'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'isLevelEnabled'
> {
  /** The same for one who always says who speaks. Nothing else: bindings do not pass through pino's formatters. */
  child(bound: { context: string }): ServiceLogger;
}

/**
 * The service's logger. Fields and errors are redacted by
 * name, then the finished line by what looks like a secret, so nothing goes around it.
 */
export function createLogger({ level, json, destination }: LoggerOptions): ServiceLogger {
  return pino(
    {
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: redactFields,
      },
      // What `formatters.log` gives is written as it is; pino's own would add every field of an error.
      serializers: { err: (error: unknown) => error },
      hooks: { streamWrite: (line) => (json ? redactText(line) : readableLine(redactText(line))) },
    },
    destination ?? new BatchedOutput(pino.destination({ dest: 1, sync: true })),
  );
}
