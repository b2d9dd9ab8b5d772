import type { JsonFields } from '../ai-providers/interfaces/message.interface.js';

/** The fields of an object that have no word of ours, as they stand; undefined where there are none. Null is as if left out. */
export function unreadFields(
  fields: Readonly<Record<string, unknown>>,
  read: ReadonlySet<string>,
): JsonFields | undefined {
  let unread: Record<string, unknown> | undefined;
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (!read.has(name) && value !== null && value !== undefined) (unread ??= {})[name] = value;
  }
  return unread;
}

/** The same of an object and of the one that it holds under `inner`. */
export function unreadWithin(
  fields: Readonly<Record<string, unknown>>,
  read: ReadonlySet<string>,
  inner: string,
  readWithin: ReadonlySet<string>,
): JsonFields | undefined {
  const outside = unreadFields(fields, read);
  const held = fields[inner];
  const within =
    typeof held === 'object' && held !== null && !Array.isArray(held)
      ? unreadFields(held as Record<string, unknown>, readWithin)
      : undefined;
  return within === undefined ? outside : { ...outside, [inner]: within };
}
