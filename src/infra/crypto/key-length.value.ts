import * as z from 'zod/mini';
import { parsed, type Value } from '../config/value.schemas.js';

/** How many characters a text has. */
export interface Length {
  readonly min: number;
  readonly max: number;
}

/** Text of so many characters, white space included: an encryption key is taken as it stands. */
export function ofLength(length: Length): Value<string> {
  return {
    expected: `${length.min} to ${length.max} characters`,
    schema: z.string().check(z.refine((text) => hasLength(text, length))),
  };
}

/**
 * Comma-separated texts of so many characters each. Read by length, so that a text which itself holds a comma is not torn
 * where it need not be.
 */
export function listOfLength(length: Length): Value<readonly string[]> {
  return {
    expected: `${length.min} to ${length.max} characters, or several such separated by commas`,
    schema: parsed<readonly string[]>((raw) => itemsOf(raw, length)),
  };
}

function hasLength(text: string, { min, max }: Length): boolean {
  const count = Array.from(text).length;
  return count >= min && count <= max;
}

/** Torn at the first comma that leaves whole items on both sides. */
function itemsOf(raw: string, length: Length): string[] | undefined {
  for (let comma = raw.indexOf(','); comma !== -1; comma = raw.indexOf(',', comma + 1)) {
    const first = raw.slice(0, comma).trimEnd();
    if (Array.from(first).length > length.max) return undefined;
    const others = hasLength(first, length) ? itemsOf(raw.slice(comma + 1).trimStart(), length) : undefined;
    if (others) return [first, ...others];
  }
  return hasLength(raw, length) ? [raw] : undefined;
}
