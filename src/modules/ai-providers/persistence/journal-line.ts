import type { RequestEvent } from '../interfaces/request-event.interface.js';
import { priceOf } from './attempt-price.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An event, and the JSON in which the log keeps it. */
export interface JournalEntry {
  readonly event: RequestEvent;
  /** With what each try cost, exact to the digit: the log can be billed by without knowing the prices of that day. */
  readonly json: string;
}

/** `event` as the log keeps it. */
export function journalEntry(event: RequestEvent): JournalEntry {
  return { event, json: JSON.stringify(priced(event)) };
}

/** `event` as one line, its end included: JSON has no line feed of its own. */
export function writeJournalLine(event: RequestEvent): Buffer {
  return Buffer.from(`${journalEntry(event).json}\n`);
}

/** What a line without its end holds, or null where it is no event. */
export function readJournalLine(line: string): JournalEntry | null {
  try {
    const event: unknown = JSON.parse(line);
    if (!isEvent(event)) return null;
    return event.attempts.every((attempt) => 'cost' in attempt) ? { event, json: line } : journalEntry(event);
  } catch {
    return null;
  }
}

function priced(event: RequestEvent): object {
  return {
    ...event,
    attempts: event.attempts.map((attempt) => ({
      ...attempt,
      cost: event.cached ? null : priceOf(attempt.usage, attempt.pricing),
    })),
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
