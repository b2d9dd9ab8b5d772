import { BodyWalk } from './body-walk.js';
import type { ErrorReading } from './error-reading.interface.js';
import { MAX_ERROR_BYTES, wholeText } from './error-text.js';
import { jsonIn } from './error-words.js';

/** Reads `body`, which is a text, or JSON already parsed. Work is linear in its size and bounded. */
export function readErrorBody(body: unknown): ErrorReading {
  const text = typeof body === 'string' ? body.slice(0, MAX_ERROR_BYTES).trim() : undefined;
  const walk = new BodyWalk(0);
  const json = text === undefined ? undefined : jsonIn(text);
  walk.read(json?.isAll ? json.value : (text ?? body));
  const reading = walk.reading();
  if (reading.message !== undefined || reading.pageTitle !== undefined) return reading;
  return { ...reading, message: text === undefined ? walk.whole(body) : wholeText(text) };
}
