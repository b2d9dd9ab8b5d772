import type { LoggerService } from '@nestjs/common';
import type { ServiceLogger } from './create-logger.js';
import { isError } from './error.serializer.js';
import type { Logger } from './logger.interface.js';

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** Nest's own news, and that of `new Logger(context)` of `@nestjs/common`, through the service's logger. */
export class PinoLoggerService implements LoggerService {
  constructor(private readonly logger: ServiceLogger) {}

  /**
   * A port for code that logs often: the same lines as through Nest's logger, but redacted only once.
   */
  port(context: string): Logger {
    return this.logger.child({ context });
  }

  log(message: unknown, ...parameters: unknown[]): void {
    this.write('info', message, parameters);
  }

  /**
   * Parameters may be a stack and a context, either alone, or an error. What Nest's `ExceptionHandler` reports is a start
   * that failed; Nest throws it on, and the program that started the application says so in one line.
   */
  error(message: unknown, ...parameters: unknown[]): void {
    if (parameters.at(-1) === 'ExceptionHandler') return;
    this.write('error', message, parameters);
  }

  warn(message: unknown, ...parameters: unknown[]): void {
    this.write('warn', message, parameters);
  }

  debug(message: unknown, ...parameters: unknown[]): void {
    this.write('debug', message, parameters);
  }

  verbose(message: unknown, ...parameters: unknown[]): void {
    this.write('trace', message, parameters);
  }

  fatal(message: unknown, ...parameters: unknown[]): void {
    this.write('fatal', message, parameters);
  }

  private write(level: Level, message: unknown, parameters: readonly unknown[]): void {
    if (!this.logger.isLevelEnabled(level)) return;
    const given = parameters.filter((parameter) => parameter !== undefined);
    const last = given.at(-1);
    // Nest's convention: a last parameter that is a text names who speaks, unless it is a stack.
    const context = typeof last === 'string' && !isStack(last) ? last : undefined;
    const others = context === undefined ? given : given.slice(0, -1);
    const error = [message, ...others].find(isError);
    const stack = others.find((value) => typeof value === 'string' && isStack(value));
    const details = others.filter((value) => value !== error && value !== stack);
    this.logger[level](
      {
        ...(isPlain(message) && fieldsOf(message)),
        ...(context !== undefined && { context }),
        ...(error !== undefined && { err: error }),
        ...(error === undefined && stack !== undefined && { err: { stack } }),
        ...(details.length > 0 && { details }),
      },
      textOf(message),
    );
  }
}

function isStack(text: string): boolean {
  return /\n\s+at /.test(text);
}

function isPlain(message: unknown): message is object {
  return typeof message === 'object' && message !== null && !isError(message);
}

/** What an object logged in place of a text says beside its own `message`. */
function fieldsOf(message: object): object {
  return Object.fromEntries(Object.entries(message).filter(([name]) => name !== 'message'));
}

function textOf(message: unknown): string | undefined {
  if (isError(message)) return message.message;
  if (!isPlain(message)) return String(message);
  return 'message' in message && typeof message.message === 'string' ? message.message : undefined;
}
