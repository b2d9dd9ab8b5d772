import { redactText } from './infra/logging/secret.redactor.js';

/** What a process runs. */
export interface Stoppable {
  /** Lets what is in flight end; false where it did not end in order. */
  stop(): Promise<boolean>;
  /** Ends at once what would outlive this process. */
  kill?(): void;
}

/** SIGTERM and SIGINT let what is in flight end; a second one does not wait. */
export function stopOnSignal(log: (line: string) => void, service: Stoppable): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) {
      service.kill?.();
      process.exit(1);
    }
    stopping = true;
    log(`Stopping on ${signal}`);
    service.stop().then((inOrder) => process.exit(inOrder ? 0 : 1), fail);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** How long what is in flight may take to end once the process has failed, in milliseconds. Our number: below any grace. */
const LAST_STOP_MS = 10_000;

/**
 * The last handler: an uncaught error is logged, redacted, and ends the process in order, since it is unknown what state it
 * left. A second one, or a stop that takes too long, ends it at once.
 */
export function endOnFailure(log: (fields: object, line: string) => void, service: Stoppable): void {
  let failing = false;
  const end = (thrown: unknown): void => {
    log({ err: thrown }, 'A failure that nobody caught; the process ends');
    const now = (): void => {
      service.kill?.();
      process.exit(1);
    };
    if (failing) return now();
    failing = true;
    setTimeout(now, LAST_STOP_MS).unref();
    service.stop().then(now, now);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

/** Ends the process with one line that says why. */
export function fail(error: unknown): void {
  process.stderr.write(`${redactText(reasonOf(error))}\n`);
  process.exit(1);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return cause === undefined ? message : `${message}: ${reasonOf(cause).replace(/\s+/g, ' ').trim()}`;
}
