import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * How long a caller may go on sending after it was refused, in milliseconds. One that is cut off while it writes would see
 * a broken connection in place of the answer; one that never ends must not hold it.
 */
const LINGER_MS = 2_000;

/** Whether the caller has not sent all of its body yet. */
export function isStillSending(request: IncomingMessage): boolean {
  if (request.complete) return false;
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
  return coding !== undefined || Number(length ?? 0) > 0;
}

/**
 * Answers while the caller is still sending, and ends the connection: once the caller has finished or closed, 2 s later at
 * the latest. What still comes is thrown away (nginx's `lingering_close`).
 * @param response begun with a `content-length` and `connection: close`
 */
export function answerAndClose(request: IncomingMessage, response: ServerResponse, body: string): void {
  response.write(body);
  const end = (): void => {
    clearTimeout(linger);
    request.off('end', end).off('close', end);
    response.end();
  };
  const linger = setTimeout(end, LINGER_MS);
  request.once('end', end).once('close', end);
  request.resume();
}
