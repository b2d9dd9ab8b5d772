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
