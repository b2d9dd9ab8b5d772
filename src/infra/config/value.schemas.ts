import { isIP } from 'node:net';
import * as z from 'zod/mini';

/** A form that a setting's value may have. `Given` is how a program gives it. */
export interface Value<T, Given = T> {
  /** Completes the sentence "expected …". It is all that is said of a bad value, whatever check has failed. */
  readonly expected: string;
  /** Reads the text of the environment. */
  readonly schema: z.ZodMiniType<T, string>;
  /** Writes what a program gives as that text. Left out: as it prints, lists with commas. */
  readonly write?: (given: unknown) => unknown;
  /** Of the type alone: nothing has it. */
  readonly given?: Given;
}

/**
 * Longest delay a Node timer takes; a longer one fires after 1 ms.
 * https://nodejs.org/api/timers.html#settimeoutcallback-delay-args
 */
export const MAX_TIMER_MS = 2_147_483_647;

const trimmed = z.string().check(z.trim());

/** A text that `read` understands; `undefined` says that it does not. */
export function parsed<T>(read: (text: string) => T | undefined): z.ZodMiniType<T, string> {
  return z.pipe(
    z.string(),
    z.transform((text: string, context) => {
      const value = read(text);
      if (value !== undefined) return value;
      context.issues.push({ code: 'custom', input: text });
      return z.NEVER;
    }),
  );
}

/** Any text, without the white space around it. */
export function text(expected: string, pattern = /^\S(.*\S)?$/su): Value<string> {
  return { expected, schema: trimmed.check(z.regex(pattern)) };
}

/** A whole number in decimal digits only. */
export function integer(min: number, max: number): Value<number> {
  return { expected: `a whole number from ${min} to ${max}`, schema: numeric(/^\d+$/, min, max) };
}

/** A decimal number, without exponent or sign. */
export function decimal(min: number, max: number): Value<number> {
  return { expected: `a number from ${min} to ${max}`, schema: numeric(/^\d+(\.\d+)?$/, min, max) };
}

/** A duration that a timer takes. */
export function milliseconds(min = 1): Value<number> {
  return { ...integer(min, MAX_TIMER_MS), expected: `whole milliseconds from ${min} to ${MAX_TIMER_MS}` };
}

/** Yes or no, in any case. */
export function flag(): Value<boolean> {
  const words = z.pipe(trimmed.check(z.toLowerCase()), z.enum(['true', '1', 'false', '0']));
  const isYes = z.transform((word: z.output<typeof words>) => word === 'true' || word === '1');
  return { expected: 'true or false', schema: z.pipe(words, isYes) };
}

/** One of the words, in any case. */
export function oneOf<const T extends string>(words: readonly T[]): Value<T> {
  return {
    expected: `one of ${words.join(', ')}`,
    schema: z.pipe(trimmed.check(z.toLowerCase()), z.enum(words)),
  };
}

/** A URL of one of the schemes, returned as it was written. */
export function url(schemes: readonly string[]): Value<string> {
  const beginnings = schemes.map((scheme) => `${scheme}://`);
  return {
    expected: `a URL that begins with ${beginnings.join(' or ')}`,
    schema: trimmed.check(
      z.refine((text) => beginnings.some((beginning) => text.toLowerCase().startsWith(beginning))),
      z.refine((text) => URL.canParse(text)),
    ),
  };
}

/** A key of Standard Webhooks. */
export function webhookSecret(): Value<string> {
  return text('whsec_ and 24 to 64 bytes in Base64', /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/u);
}

/** Comma-separated items; empty ones between commas are dropped. */
export function list<T>({ expected, schema }: Value<T>): Value<readonly T[]> {
  const items = z.transform((text: string) => text.split(',').filter((part) => part.trim() !== ''));
  return {
    expected: `a comma-separated list, each ${expected}`,
    schema: z.pipe(z.pipe(z.string(), items), z.array(schema)),
  };
}

/** A host name or address to listen on. */
export function host(): Value<string> {
  return {
    expected: 'a host name or an IP address',
    schema: trimmed.check(z.refine((text) => isIP(text) !== 0 || HOST_NAME.test(text))),
  };
}

/** Letters, digits, hyphens and underscores between dots. */
const HOST_NAME = /^(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?$/i;

function numeric(form: RegExp, min: number, max: number): z.ZodMiniType<number, string> {
  const digits = trimmed.check(z.regex(form));
  return z.pipe(z.pipe(digits, z.transform(Number)), z.number().check(z.gte(min), z.lte(max)));
}
