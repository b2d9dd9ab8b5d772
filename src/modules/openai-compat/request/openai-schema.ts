import { z } from 'zod';
import { MAX_PROBLEMS, validationFailed } from '../../ai-providers/errors/field-problem.js';
import type { JsonFields } from '../../ai-providers/interfaces/message.interface.js';

/** Characters of a name, and items of a list, where a field's schema says nothing else: as in our own API. */
const MAX_NAME = 200;
const MAX_ITEMS = 128;

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is JsonFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field that may be left out: null counts as left out, as in OpenAI's API. */
export function optional<T>(schema: z.ZodType<T>) {
  return schema
    .nullish()
    .transform((value) => value ?? undefined)
    .optional();
}

/** A field that is read where it is of the form, and counts as left out otherwise. */
export function lenient<T>(schema: z.ZodType<T>) {
  return schema.optional().catch(undefined);
}

/** Any value, a missing one too: its reader says what is wrong with it. */
const given = z.unknown().optional();

export const boolean = z.boolean('must be true or false');

/** A JSON object as it stands, not copied. */
export const jsonObject = z.custom<JsonFields>(isObject, 'must be an object');

export function number(min: number, max: number) {
  const problem = { error: `must be a number from ${min} to ${max}`, abort: true };
  return z.number(problem.error).min(min, problem).max(max, problem);
}

export function integer(min: number, max: number) {
  return number(min, max).refine(Number.isInteger, 'must be a whole number');
}

export function text(maxLength = MAX_NAME) {
  const problem = `must be a string of at most ${maxLength} characters`;
  return z.string(problem).max(maxLength, problem);
}

/** A list of texts; what is wrong with one of them is a problem of the list. */
export function texts(maxItems = 16, maxLength = MAX_NAME) {
  const items = z.array(z.string().max(maxLength));
  const problem = `must be an array of strings of at most ${maxLength} characters`;
  return list(given, maxItems).transform((value, context): string[] => {
    const read = items.safeParse(value);
    if (!read.success) context.addIssue(problem);
    return read.data ?? z.NEVER;
  });
}

/** A list that is read no further once there are as many problems as an answer names. */
export function list<T>(
  item: z.ZodType<T>,
  maxItems = MAX_ITEMS,
  problem = `must be an array of at most ${maxItems} items`,
) {
  return given.transform((value, context): T[] => {
    if (!Array.isArray(value) || value.length > maxItems) {
      context.addIssue(problem);
      return z.NEVER;
    }
    const items: T[] = [];
    for (const [index, each] of value.entries()) {
      const read = item.safeParse(each);
      if (read.success) items.push(read.data);
      else addIssues(context, read.error, index);
      if (context.issues.length >= MAX_PROBLEMS) break;
    }
    return items;
  });
}

/** What is wrong anywhere within the value, as one problem of the value itself. */
export function whole<T>(schema: z.ZodType<T>, problem: string) {
  return given.transform((value, context): T => {
    const read = schema.safeParse(value);
    if (read.success) return read.data;
    context.addIssue(problem);
    return z.NEVER;
  });
}

/** A value by the schema that its own form asks for. */
export function chosen<T>(schemaFor: (value: unknown) => z.ZodType<T>) {
  return given.transform((value, context): T => {
    const read = schemaFor(value).safeParse(value);
    if (read.success) return read.data;
    addIssues(context, read.error);
    return z.NEVER;
  });
}

function addIssues(context: z.RefinementCtx, { issues }: z.ZodError, ...place: number[]): void {
  for (const { path, message } of issues) {
    context.addIssue({ code: 'custom', path: [...place, ...path], message });
  }
}

/** The fields without the older one of each pair, where the newer one is given: nobody reads the older one then. */
export function withoutOlder(
  fields: JsonFields,
  pairs: readonly (readonly [newer: string, older: string])[],
): JsonFields {
  const replaced = pairs.filter(([newer, older]) => Object.hasOwn(fields, older) && isGiven(fields[newer]));
  if (replaced.length === 0) return fields;
  const older = replaced.map((pair) => pair[1]);
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !older.includes(name)));
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

/**
 * Reads a body by its schema.
 * @throws AIError `VALIDATION_FAILED` naming the fields at fault by their paths
 */
export function readBody<T>(schema: z.ZodType<T>, body: object): T {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const problems = read.error.issues.slice(0, MAX_PROBLEMS).map(({ path, message }) => {
    const field = path.join('.');
    return { field, message: `${field} ${message}` };
  });
  throw validationFailed(problems);
}
