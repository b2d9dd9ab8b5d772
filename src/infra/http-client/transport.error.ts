/**
 * What went wrong between us and a host. `connect_timeout`: no connection within the time allowed. `connection`: refused,
 * reset, closed early, name not found, TLS failed, not HTTP. `egress_refused`: we may not talk to that address.
 * `aborted`: our own signal.
 */
export type TransportErrorKind = 'connect_timeout' | 'connection' | 'egress_refused' | 'aborted';

/** A failure below HTTP. `message` is readable and free of secrets: it is made from a code and a host name alone. */
export class TransportError extends Error {
  readonly kind: TransportErrorKind;
  /** The same without host and port, which are no caller's business. */
  readonly summary: string;

  constructor(kind: TransportErrorKind, message: string, cause?: unknown, summary = message) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'TransportError';
    this.kind = kind;
    this.summary = summary;
  }
}

/** The address or host is one that we do not send to. */
export class EgressRefusedError extends TransportError {
  constructor(message: string) {
    super('egress_refused', message, undefined, 'requests to the address of this provider are not permitted');
  }
}

/**
 * No connection in time. Name and text avoid the words "timed out" and "timeout": the vendor SDKs look for them and
 * then replace the error by one of their own which has no cause.
 */
export class ConnectTimeoutError extends TransportError {
  constructor(host: string, limitMs: number, cause?: unknown) {
    super(
      'connect_timeout',
      `no connection to ${host} within ${limitMs} ms`,
      cause,
      `no connection within ${limitMs} ms`,
    );
  }
}

/** Our signal ended the call. The name is not `AbortError`: the SDKs end a stream quietly on that one. */
export class TransportAbortedError extends TransportError {
  constructor(reason?: unknown) {
    super('aborted', 'the call was aborted', reason);
  }
}

/** Codes of Node (`errno`, DNS) and of undici (`lib/core/errors.js`) that mean that the connection failed. */
const CONNECTION_CODES: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'connection reset'],
  ['ECONNABORTED', 'connection aborted'],
  ['EPIPE', 'connection closed while sending'],
  ['EHOSTUNREACH', 'host unreachable'],
  ['ENETUNREACH', 'network unreachable'],
  ['EHOSTDOWN', 'host is down'],
  ['ENETDOWN', 'network is down'],
  ['EADDRNOTAVAIL', 'no local address left for the connection'],
  ['EMFILE', 'too many open sockets'],
  ['ENFILE', 'too many open sockets'],
  ['ENOTFOUND', 'host name not found'],
  ['ENODATA', 'host name has no address'],
  ['EAI_AGAIN', 'host name cannot be looked up now'],
  ['EAI_FAIL', 'host name lookup failed'],
  ['EPROTO', 'TLS handshake failed'],
  ['ETIMEDOUT', 'the network stopped answering'],
  ['ERR_STREAM_PREMATURE_CLOSE', 'connection closed before the answer was whole'],
  ['ERR_STREAM_DESTROYED', 'connection closed before the answer was whole'],
  ['UND_ERR_SOCKET', 'connection closed before the answer was whole'],
  ['UND_ERR_HEADERS_TIMEOUT', 'the answer did not begin'],
  ['UND_ERR_BODY_TIMEOUT', 'the answer stopped'],
  ['UND_ERR_HEADERS_OVERFLOW', 'the header of the answer is too large'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'the answer is not as long as it says'],
  ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'the answer is too large'],
  ['UND_ERR_DESTROYED', 'the transport is closed'],
  ['UND_ERR_CLOSED', 'the transport is closed'],
  ['UND_ERR_INFO', 'connection closed'],
]);

/** Node's codes for a certificate that does not hold (`tls` documentation, "X509 certificate error codes"). */
const TLS_CODE = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH)/;

/** How deep a chain of causes is followed; the SDKs wrap once or twice. */
const MAX_DEPTH = 8;

/**
 * Finds the transport's failure in whatever was thrown, however deep SDKs wrapped it; undefined when it is none.
 * An SDK's own abort error may carry no cause: ask the signal as well.
 */
export function toTransportError(error: unknown): TransportError | undefined {
  let current = error;
  for (let depth = 0; depth < MAX_DEPTH && typeof current === 'object' && current !== null; depth++) {
    const found = recognise(current);
    if (found !== undefined) return found;
    current = (current as { cause?: unknown }).cause;
  }
  return undefined;
}

function recognise(error: object): TransportError | undefined {
  if (error instanceof TransportError) return error;
  const { code, name, syscall } = error as { code?: unknown; name?: unknown; syscall?: unknown };
  if (name === 'AbortError' || code === 'ABORT_ERR' || code === 'UND_ERR_ABORTED') {
    return new TransportAbortedError(error);
  }
  if (typeof code !== 'string') return undefined;
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || (code === 'ETIMEDOUT' && syscall === 'connect')) {
    return new TransportError('connect_timeout', 'no connection in time', error);
  }
  const text = CONNECTION_CODES.get(code);
  if (text !== undefined) return new TransportError('connection', text, error);
  if (TLS_CODE.test(code)) return new TransportError('connection', `TLS failed (${code})`, error);
  if (code.startsWith('HPE_')) return new TransportError('connection', `not an HTTP answer (${code})`, error);
  return undefined;
}

/** The same, for an error known to come from the connection to `host`: one that is not recognised counts as broken. */
export function connectionFailure(error: unknown, host: string): TransportError {
  if (error instanceof TransportError) return error;
  const known = toTransportError(error);
  if (known === undefined)
    return new TransportError('connection', `${host}: connection failed`, error, 'connection failed');
  return new TransportError(known.kind, `${host}: ${known.message}`, error, known.summary);
}
