import type { ServerResponse } from 'node:http';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { cutText, decide, type AskedRequest, type Dialect, type Piece } from './dialect.js';
import type { UpstreamCall } from './upstream-call.js';
import type { ContentCoding, Fault, FakeUsage, Script } from './upstream-script.js';

const RESET_AFTER_DATA_MS = 50;

/** What playing a script needs to know of the upstream. */
export interface Stage {
  dialect: Dialect;
  request: AskedRequest;
  call: UpstreamCall;
  response: ServerResponse;
  /** Called when the answer's usage has gone out whole. */
  bill(usage: FakeUsage): void;
}

/** Answers one request as the script says. Returns when nothing more will be sent. */
export async function playScript(script: Script, stage: Stage): Promise<void> {
  const { response, call } = stage;
  if (script.delayMs !== undefined) await Promise.race([sleep(script.delayMs), call.whenClosed()]);
  if (script.fault?.at === 'before_headers') return act(script.fault, stage);
  const { pieces, usage } = piecesOf(script, stage);
  response.writeHead(script.status ?? 200, headersOf(script, stage, pieces));
  if (script.coding) {
    await writeBytes(compressed(pieces, script.coding), script, stage);
    response.end();
    return;
  }
  if (script.fault?.at === 'after_headers') {
    response.flushHeaders();
    return act(script.fault, stage);
  }
  let events = 0;
  let injected = false;
  for (const piece of [...pieces, null]) {
    if (!injected && script.inject?.events === events) {
      injected = true;
      await write(injectedText(script, stage.dialect), script, stage);
    }
    if (isDue(script.fault, events)) return act(script.fault, stage);
    if (piece === null || response.destroyed) break;
    await write(piece.data, script, stage);
    if (piece.content) events++;
    if (piece.bills && usage) stage.bill(usage);
    if (script.eventDelayMs !== undefined)
      await Promise.race([sleep(script.eventDelayMs), call.whenClosed()]);
  }
  response.end();
}

function isDue(fault: Fault | undefined, events: number): fault is Fault {
  return fault !== undefined && typeof fault.at === 'object' && fault.at.events === events;
}

function piecesOf(script: Script, { dialect, request }: Stage): { pieces: Piece[]; usage: FakeUsage | null } {
  if (script.body !== undefined) return { pieces: inFour(script.body, false), usage: null };
  if (script.status !== undefined && script.status >= 300) {
    return {
      pieces: inFour(dialect.error(script.status, script.reason, script.message), false),
      usage: null,
    };
  }
  const said = decide(script, dialect, request);
  const pieces = dialect.streams(request)
    ? dialect.stream(said, request).filter((piece) => !(script.withoutTerminator && piece.terminator))
    : inFour(dialect.plain(said), true);
  return { pieces, usage: said.usage };
}

/** A plain body in four pieces, so that it can break off in the middle. */
function inFour(body: string, bills: boolean): Piece[] {
  const parts = cutText(body, 4);
  return parts.map((data, index) => ({ data, content: true, bills: bills && index === parts.length - 1 }));
}

function headersOf(
  script: Script,
  { dialect, request }: Stage,
  pieces: Piece[],
): Record<string, string | number> {
  const streamed = script.body === undefined && (script.status ?? 200) < 300 && dialect.streams(request);
  const length = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece.data), 0);
  return {
    'content-type': streamed ? 'text/event-stream; charset=utf-8' : 'application/json',
    [dialect.name === 'anthropic' ? 'request-id' : 'x-request-id']: 'req_fake',
    // A body that is to end early and yet properly cannot announce its length.
    ...(!streamed && script.fault?.how !== 'end' && !script.coding && { 'content-length': length }),
    ...(script.coding && { 'content-encoding': script.coding.replace('raw-', '') }),
    ...script.headers,
  };
}

function injectedText(script: Script, dialect: Dialect): string {
  const what = script.inject?.raw;
  if (what === undefined) return '';
  if (what === 'malformed') return dialect.malformedEvent();
  return what === 'vendor_error' ? dialect.errorEvent() : what.text;
}

function compressed(pieces: Piece[], coding: ContentCoding): Buffer {
  const text = pieces.map(({ data }) => data).join('');
  switch (coding) {
    case 'gzip':
      return gzipSync(text);
    case 'deflate':
      return deflateSync(text);
    case 'raw-deflate':
      return deflateRawSync(text);
    case 'br':
      return brotliCompressSync(text);
  }
}

function write(text: string, script: Script, stage: Stage): Promise<void> {
  return writeBytes(Buffer.from(text), script, stage);
}

async function writeBytes(bytes: Buffer, script: Script, { response, call }: Stage): Promise<void> {
  const size = script.dripBytes ?? bytes.length;
  for (let at = 0; at < bytes.length && !response.destroyed; at += size) {
    const flushed = new Promise<void>((resolve) =>
      response.write(bytes.subarray(at, at + size), () => resolve()),
    );
    // Waiting for the flush makes every piece a write of its own, and a slow reader hold the writer back.
    await Promise.race([flushed, call.whenClosed()]);
    if (script.dripBytes !== undefined) await nextTurn();
  }
}

async function act(fault: Fault, { response, call }: Stage): Promise<void> {
  const { socket } = response;
  if (socket === null) return;
  switch (fault.how) {
    case 'stall':
      return call.whenClosed();
    case 'reset':
      call.close('broken_by_us');
      // libuv takes data and RST that arrive together for an end of stream (`uv__stream_io`); let the data be read first.
      if (fault.at !== 'before_headers') await sleep(RESET_AFTER_DATA_MS);
      socket.resetAndDestroy();
      return;
    case 'cut':
      call.close('broken_by_us');
      socket.destroySoon();
      return;
    case 'end':
      response.end();
  }
}
