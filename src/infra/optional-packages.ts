/** What a host application installs only if it uses it: the optional peer dependencies of `package.json`, by feature. */
export const OPTIONAL_PACKAGES = {
  'Jobs on Redis': ['bullmq', 'ioredis'],
  'The export to an OpenTelemetry collector': [
    '@opentelemetry/context-async-hooks',
    '@opentelemetry/core',
    '@opentelemetry/exporter-metrics-otlp-http',
    '@opentelemetry/exporter-trace-otlp-http',
    '@opentelemetry/resources',
    '@opentelemetry/sdk-metrics',
    '@opentelemetry/sdk-trace-base',
  ],
  'A database without DATABASE_URL': ['@electric-sql/pglite', '@electric-sql/pglite-socket'],
} as const;

export type OptionalFeature = keyof typeof OPTIONAL_PACKAGES;

/** A feature is asked for whose packages are not installed. The message is one line and names them. */
export class MissingPackageError extends Error {
  override readonly name = 'MissingPackageError';

  constructor(feature: OptionalFeature, options: ErrorOptions) {
    const packages = OPTIONAL_PACKAGES[feature].join(' ');
    super(`${feature} needs packages that are not installed: npm install ${packages}`, options);
  }
}

/**
 * What `load` gives, which imports the packages of `feature`. Rejects with a `MissingPackageError` where Node does not find
 * one of them, else with the error of `load`.
 */
export async function withPackages<T>(feature: OptionalFeature, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (namesOneOf(OPTIONAL_PACKAGES[feature], error))
      throw new MissingPackageError(feature, { cause: error });
    throw error;
  }
}

/** By the text: the error of a worker thread has lost its code. Node's reads "Cannot find package 'bullmq' imported from …". */
function namesOneOf(packages: readonly string[], error: unknown): boolean {
  const [, missing] =
    /^Cannot find (?:package|module) '([^']+)'/.exec(error instanceof Error ? error.message : '') ?? [];
  return missing !== undefined && packages.some((name) => missing === name || missing.startsWith(`${name}/`));
}
