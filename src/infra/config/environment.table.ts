import { HEALTH_VARIABLES } from './health.variables.js';
import { JOBS_VARIABLES } from './jobs.variables.js';
import { REQUEST_VARIABLES } from './request.variables.js';
import { SERVICE_VARIABLES } from './service.variables.js';
import type { Variable } from './variable.js';
import { VENDOR_VARIABLES } from './vendor.variables.js';

/** Every environment variable there is, in the order of `.env.example`. */
export const ENVIRONMENT = {
  ...SERVICE_VARIABLES,
  ...VENDOR_VARIABLES,
  ...REQUEST_VARIABLES,
  ...JOBS_VARIABLES,
  ...HEALTH_VARIABLES,
} as const;

export type VariableName = keyof typeof ENVIRONMENT;

/** What the environment says, read: a value for every variable. */
export type EnvironmentValues = {
  readonly [N in VariableName]: (typeof ENVIRONMENT)[N] extends Variable<infer T> ? T : never;
};
