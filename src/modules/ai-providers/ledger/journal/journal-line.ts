import { billOf } from '../../accounting/bill.js';
import type { AttemptRecord, RequestEvent } from '../../interfaces/request-event.interface.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A try without `skipped`, which those that reached a provider never have: a field that is added must be named here. */
type StoredAttempt = Record<Exclude<keyof AttemptRecord, 'skipped' | 'field'>, unknown>;

type StoredEvent = Record<Exclude<keyof RequestEvent, 'attempts'>, unknown> & { attempts: StoredAttempt[] };

/** An event as the log keeps it. */
export class JournalEntry {
  #event: RequestEvent | undefined;

  /**
   * @param json with what each try cost, exact to the digit: the log can be billed by without knowing the prices of that day
   * @param event what it holds, where that is known
   */
  constructor(
    readonly json: string,
    event?: RequestEvent,
  ) {
    this.#event = event;
  }

  /** `event` with its prices. */
  static of(event: RequestEvent): JournalEntry {
    return new JournalEntry(JSON.stringify(rowOf(event)), event);
  }

  get event(): RequestEvent {
    this.#event ??= JSON.parse(this.json) as RequestEvent;
    return this.#event;
  }
}

/** A line for each of `events`, its end included: JSON has no line feed of its own. */
export function writeJournalLines(events: readonly RequestEvent[]): Buffer {
  let lines = '';
  for (const event of events) lines += `${JSON.stringify(rowOf(event))}\n`;
  return Buffer.from(lines);
}

/** What a line without its end holds, or null where it is no event. */
export function readJournalLine(line: string): JournalEntry | null {
  try {
    const event: unknown = JSON.parse(line);
    if (!isEvent(event)) return null;
    const isBilled = event.attempts.every((attempt) => 'cost' in attempt);
    return isBilled ? new JournalEntry(line, event) : JournalEntry.of(billed(event));
  } catch {
    return null;
  }
}

/** An event of a version that wrote no bills. */
function billed(event: RequestEvent): RequestEvent {
  const attempts = event.attempts.map((attempt) => ({
    ...attempt,
    cost: event.cached ? null : billOf(attempt.usage, attempt.pricing),
  }));
  return { ...event, attempts };
}

/** Field by field: an object that begins with a spread and has more in it costs as much as all the rest of its line. */
function rowOf(event: RequestEvent): StoredEvent {
  return {
    id: event.id,
    requestId: event.requestId,
    caller: event.caller,
    operation: event.operation,
    code: event.code,
    streamed: event.streamed,
    recovered: event.recovered,
    cached: event.cached,
    latency: event.latency,
    attempts: event.attempts.map(storedTry),
    skippedByCircuit: event.skippedByCircuit,
    metadata: event.metadata,
    startedAt: event.startedAt,
    endedAt: event.endedAt,
  };
}

function storedTry(attempt: AttemptRecord): StoredAttempt {
  return {
    providerId: attempt.providerId,
    providerName: attempt.providerName,
    providerType: attempt.providerType,
    model: attempt.model,
    outcome: attempt.outcome,
    status: attempt.status,
    reason: attempt.reason,
    phase: attempt.phase,
    latency: attempt.latency,
    tryNumber: attempt.tryNumber,
    usage: attempt.usage,
    pricing: attempt.pricing,
    timeToFirstToken: attempt.timeToFirstToken,
    cost: attempt.cost,
  };
}

/** Whether a database takes it: lines are our own, but a crash may have cut one and another may have begun in it. */
function isEvent(value: unknown): value is RequestEvent {
  if (!isRecord(value)) return false;
  const { id, requestId, latency, startedAt, endedAt, attempts, streamed, recovered, cached } = value;
  return (
    typeof id === 'string' &&
    UUID.test(id) &&
    typeof requestId === 'string' &&
    [latency, startedAt, endedAt].every((number) => Number.isFinite(number)) &&
    [streamed, recovered, cached].every((flag) => typeof flag === 'boolean') &&
    Array.isArray(attempts) &&
    attempts.every((attempt) => isRecord(attempt) && isRecord(attempt['usage']))
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
