import { asErrorStatus, asWord } from './error-words.js';
import type { JsonObject } from '../../wire/json-value.js';

export function codeOf(object: JsonObject): string | undefined {
  return wordOf(object, ['code', 'error_code', 'errorCode', 'err_code']);
}

export function typeOf(object: JsonObject): string | undefined {
  return wordOf(object, ['type', 'error_type', 'errorType', '__type', 'status']);
}

function wordOf(object: JsonObject, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = Object.hasOwn(object, key) ? object[key] : undefined;
    if (asErrorStatus(value) !== undefined) continue;
    const word = typeof value === 'number' ? String(value) : asWord(value);
    if (word !== undefined) return word;
  }
  return undefined;
}
