import * as z from 'zod/mini';
import { ConfigError } from './config.error.js';
import { isContradiction } from './relation.js';
import { VARIABLES } from './variable.js';
import { variablesOf, type NamedVariable } from './variable-list.js';

/**
 * Reads a configuration: `overrides`, as a program gives them, before `env` before the defaults. One schema judges both.
 * Throws `ConfigError` with one line for every setting that is not of its form or contradicts another; no line repeats a
 * value.
 */
export function readConfig<T>(
  schema: z.ZodMiniType<T>,
  overrides: unknown = {},
  env: Readonly<NodeJS.ProcessEnv> = process.env,
): T {
  const { data, error } = z.safeParse(schema, withEnvironment(schema, env, overrides));
  if (error === undefined) return data;
  const variables = variablesOf(schema);
  const lines = error.issues.flatMap((issue) => linesOf(issue, variables, overrides));
  throw new ConfigError([...new Set(lines)]);
}

/** What a program gives, and the environment's text wherever it gives nothing. */
function withEnvironment(schema: z.core.$ZodType, env: NodeJS.ProcessEnv, given: unknown): unknown {
  const variable = VARIABLES.get(schema);
  if (variable !== undefined) return given === undefined ? env[variable.name] : given;
  if (given !== undefined && !isRecord(given)) return given;
  return {
    // Keys that the schema does not know are kept, so that it reports them.
    ...Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined)),
    ...Object.fromEntries(
      Object.entries((schema as z.ZodMiniObject).shape).map(([key, inner]) => [
        key,
        withEnvironment(inner, env, given?.[key]),
      ]),
    ),
  };
}

function linesOf(issue: z.core.$ZodIssue, variables: readonly NamedVariable[], overrides: unknown): string[] {
  const at = issue.path.join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => noSuchSetting(at ? `${at}.${key}` : key));
  const variable = variables.find(({ setting }) => at === setting || at.startsWith(`${setting}.`));
  if (variable === undefined) return [noSuchSetting(at)];
  const expected = contradictionIn(issue, variables, overrides) ?? variable.expected;
  return [`${nameOf(variable, overrides)}: expected ${expected}`];
}

/** What a relation expects, with the names of the settings that it speaks of. */
function contradictionIn(
  issue: z.core.$ZodIssue,
  variables: readonly NamedVariable[],
  overrides: unknown,
): string | undefined {
  if (issue.code !== 'custom' || !isContradiction(issue.params)) return undefined;
  const section = issue.path.slice(0, -1);
  return issue.params.expected.replace(/\{([\w.]+)\}/g, (_, setting: string) => {
    const within = [...section, setting].join('.');
    const other = variables.find((one) => one.setting === within || one.setting === setting);
    if (other === undefined) throw new Error(`There is no setting ${setting}`);
    return nameOf(other, overrides);
  });
}

/** How the operator knows a setting: by its variable, or by the name under which a program gave it. */
function nameOf({ name, setting }: NamedVariable, overrides: unknown): string {
  let given = overrides;
  for (const part of setting.split('.')) given = isRecord(given) ? given[part] : undefined;
  return given === undefined ? name : `forRoot ${setting}`;
}

function noSuchSetting(setting: string): string {
  return `forRoot ${setting}: there is no such setting`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
