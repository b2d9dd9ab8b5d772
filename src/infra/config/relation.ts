import * as z from 'zod/mini';

/** What values, each good by itself, must not contradict in one another. */
export interface Relation<T> {
  /** The setting under which a contradiction is reported. */
  readonly about: string;
  /** The settings that decide beside it. A relation with one that could not be read says nothing more. */
  readonly beside: readonly string[];
  /**
   * Completes the sentence "expected …" where the values contradict each other; undefined where they do not. `{maxDelayMs}`
   * becomes the name of that setting.
   */
  readonly expected: (values: T) => string | undefined;
}

/** Checks a section, or the whole configuration with settings named by their paths, such as `http.workers`. */
export function relation<T>({ about, beside, expected }: Relation<T>): z.core.$ZodCheck<T> {
  const path = about.split('.');
  const decisive = [about, ...beside];
  return z.check<T>(
    ({ value, issues }) => {
      const text = expected(value);
      if (text === undefined) return;
      issues.push({
        code: 'custom',
        input: undefined,
        path,
        params: { expected: text } satisfies Contradiction,
      });
    },
    { when: ({ issues }) => !issues.some((issue) => isUnread(issue, decisive)) },
  );
}

/** `low` must not be above `high`. */
export function notAbove<K extends string>(low: K, high: K): z.core.$ZodCheck<Record<K, number>> {
  return relation<Record<K, number>>({
    about: low,
    beside: [high],
    expected: (values) => (values[low] <= values[high] ? undefined : `no more than {${high}}`),
  });
}

/** What an issue of zod carries where values contradict each other. */
interface Contradiction {
  readonly expected: string;
}

export function isContradiction(params: object | undefined): params is Contradiction {
  return params !== undefined && 'expected' in params && typeof params.expected === 'string';
}

/** Whether an issue, another relation's not counted, keeps one of the settings from being known. */
function isUnread(issue: z.core.$ZodRawIssue, settings: readonly string[]): boolean {
  if (issue.code === 'custom' && isContradiction(issue.params)) return false;
  return settings.some((setting) => isWithin(issue.path ?? [], setting));
}

/** Whether an issue at `path` is about the setting, a part of it or the section that it is in. */
function isWithin(path: readonly PropertyKey[], setting: string): boolean {
  return setting.split('.').every((part, index) => path.length <= index || path[index] === part);
}
