import * as z from 'zod/mini';
import { VARIABLES, type Variable } from './variable.js';

/** A variable and the setting of `forRoot` that overrides it, such as `http.port`. */
export interface NamedVariable extends Variable {
  readonly setting: string;
}

/** The variables of a configuration, in its order. */
export function variablesOf(schema: z.core.$ZodType, setting = ''): NamedVariable[] {
  const variable = VARIABLES.get(schema);
  if (variable !== undefined) return [{ ...variable, setting }];
  if (!(schema instanceof z.ZodMiniObject)) throw new Error(`The setting ${setting} names no variable`);
  return Object.entries(schema.shape).flatMap(([key, inner]) =>
    variablesOf(inner, setting === '' ? key : `${setting}.${key}`),
  );
}
