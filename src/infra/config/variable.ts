import * as z from 'zod/mini';
import type { Value } from './value.schemas.js';

/** What is known of a setting beside its values. */
export interface Variable {
  /** Its environment variable. */
  readonly name: string;
  /** Completes the sentence "expected …". */
  readonly expected: string;
  /** What holds where it is not set, as the environment would hold it; empty where that is nothing. */
  readonly fallback: string;
  /** One line for the operator. */
  readonly meaning: string;
  /** Its value must never be shown. */
  readonly isSecret: boolean;
}

/** A setting of the configuration: reads the text of its variable, or what a program gives instead of it. */
export type Setting<T, Given = T> = z.ZodMiniType<T, Given | null | undefined>;

/** What is known of each setting; its schema is the key. */
export const VARIABLES = z.registry<Variable>();

/** A setting whose value may be shown. */
export function variable<T, Given>(
  name: string,
  value: Value<T, Given>,
  fallback: NoInfer<T>,
  meaning: string,
): Setting<T, Given> {
  return described(value, fallback, { name, meaning, isSecret: false });
}

/** A setting whose value must never be shown. */
export function secretVariable<T, Given>(
  name: string,
  value: Value<T, Given>,
  fallback: NoInfer<T>,
  meaning: string,
): Setting<T, Given> {
  return described(value, fallback, { name, meaning, isSecret: true });
}

/** A secret setting that has no default. */
export function optionalSecret<T, Given>(
  name: string,
  value: Value<T, Given>,
  meaning: string,
): Setting<T | undefined, Given> {
  return described<T | undefined, Given>(value, undefined, { name, meaning, isSecret: true });
}

function described<T, Given>(
  { schema, expected, write = textOf }: Value<T, Given>,
  fallback: T,
  about: Omit<Variable, 'expected' | 'fallback'>,
): Setting<T, Given> {
  const text = z.transform((given: unknown) => (isUnset(given) ? undefined : write(given)));
  const value = z.pipe(
    z.optional(schema),
    z.transform((read: T | undefined) => read ?? fallback),
  );
  const setting = z.pipe(text, value);
  const written = write(fallback);
  VARIABLES.add(setting, { ...about, expected, fallback: typeof written === 'string' ? written : '' });
  // The transform before the schema takes anything; what a program may give is narrower.
  return setting as unknown as Setting<T, Given>;
}

/** An empty variable counts as unset, and null stands for the default. */
function isUnset(given: unknown): boolean {
  return given === undefined || given === null || (typeof given === 'string' && given.trim() === '');
}

/** As the environment would hold it, so that one schema judges both; what cannot be so written is left as it is. */
function textOf(given: unknown): unknown {
  if (typeof given === 'number' || typeof given === 'boolean') return String(given);
  if (!Array.isArray(given)) return given;
  const items = given.map(textOf);
  return items.every((item) => typeof item === 'string') ? items.join(',') : given;
}
