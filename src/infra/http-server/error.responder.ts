import type { HttpAdapterHost } from '@nestjs/core';
import { answerAndClose, isStillSending } from './refusal.js';
import { begin, rawRequest, type HostRequest, type HostResponse } from './raw-exchange.js';

/** Answers with an error; a caller that is still sending its body is answered all the same, and its connection ends. */
export function respondWithError(
  request: HostRequest,
  response: HostResponse,
  { status, body, reply }: { status: number; body: object; reply: HttpAdapterHost['httpAdapter']['reply'] },
): void {
  const raw = rawRequest(request);
  if (!isStillSending(raw)) {
    reply(response, body, status);
    return;
  }
  const json = JSON.stringify(body);
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(json)),
    connection: 'close',
  };
  answerAndClose(raw, begin(response, headers, status), json);
}
