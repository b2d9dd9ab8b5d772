import { DatabaseTimeoutError } from './time-bound.js';

/**
 * What a failed call says about the database: `unavailable` where it could not be reached, did not answer in time or
 * refuses work for now; `bad-value` where it cannot hold a value it was given; `other` for everything else.
 */
export type DatabaseFault = 'unavailable' | 'bad-value' | 'other';

/** SQLSTATE classes and codes, https://www.postgresql.org/docs/current/errcodes-appendix.html. */
const UNAVAILABLE_STATES = /^(08...|53...|57P0.|57014|25006|28000|28P01|3D000|55P03)$/;
/** Data exceptions, values that a constraint refuses, and what is nested or large beyond a limit. */
const BAD_VALUE_STATES = /^(22...|23502|23514|54...)$/;

/** Prisma's codes, https://www.prisma.io/docs/orm/reference/error-reference. */
const UNAVAILABLE_PRISMA = /^(P1000|P1001|P1002|P1003|P1008|P1010|P1011|P1017|P2024|P2037)$/;
const BAD_VALUE_PRISMA = /^(P2000|P2006|P2007|P2020)$/;

const UNAVAILABLE_KINDS = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
  'TlsConnectionError',
  'AuthenticationFailed',
  'DatabaseAccessDenied',
  'DatabaseDoesNotExist',
]);
const BAD_VALUE_KINDS = new Set(['ValueOutOfRange', 'LengthMismatch', 'InvalidInputValue']);

/** Errors that `pg` raises itself have no code: node-postgres `lib/client.js` and pg-pool `index.js`. */
const UNAVAILABLE_TEXT =
  /connection terminated|query read timeout|timeout exceeded when trying to connect|client has encountered a connection error|connection ended|cannot use a pool after calling end/i;
const NETWORK_CODE = /^E(CONN|HOST|NET|PIPE|NOTFOUND|AI_AGAIN|TIMEDOUT|NOENT)/;

/** Reads an error of Prisma, its pg adapter, pg or the network, and whatever they wrap. */
export function databaseFault(error: unknown): DatabaseFault {
  for (let current = error, depth = 0; isObject(current) && depth < 5; depth += 1) {
    const fault = faultOf(current);
    if (fault !== 'other') return fault;
    current = current['cause'] ?? metaCause(current);
  }
  return 'other';
}

function faultOf(error: Record<string, unknown>): DatabaseFault {
  if (error instanceof DatabaseTimeoutError) return 'unavailable';
  const codes = [error['code'], error['originalCode'], error['errorCode']].filter(isString);
  if (codes.some((code) => BAD_VALUE_STATES.test(code) || BAD_VALUE_PRISMA.test(code))) return 'bad-value';
  if (codes.some((code) => UNAVAILABLE_STATES.test(code) || UNAVAILABLE_PRISMA.test(code)))
    return 'unavailable';
  if (codes.some((code) => NETWORK_CODE.test(code))) return 'unavailable';
  const kind = error['kind'];
  if (isString(kind) && UNAVAILABLE_KINDS.has(kind)) return 'unavailable';
  if (isString(kind) && BAD_VALUE_KINDS.has(kind)) return 'bad-value';
  const message = error['message'];
  return isString(message) && UNAVAILABLE_TEXT.test(message) ? 'unavailable' : 'other';
}

/** Prisma keeps the adapter's error in `meta.driverAdapterError`. */
function metaCause(error: Record<string, unknown>): unknown {
  const meta = error['meta'];
  return isObject(meta) ? meta['driverAdapterError'] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}
