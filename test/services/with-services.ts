import process from 'node:process';

/** What a test may need besides Node; `probe.mjs` knows how to look for each. */
export type TestService = 'PostgreSQL' | 'Redis' | 'redis-server' | 'curl' | 'pg_dump' | 'script';

/** Whether all of these were there when the run began. For tests that run either way. */
export function hasServices(...needed: TestService[]): boolean {
  const found = JSON.parse(process.env['TEST_SERVICES'] ?? '{}') as Record<string, string | null>;
  return needed.every((name) => {
    const absence = found[name];
    if (absence === undefined) throw new Error(`Nobody looked for ${name}`);
    return absence === null;
  });
}

/** `describe`, where all of these are there; elsewhere its tests are left out, and the run says how many. */
export function describeWith(...needed: TestService[]): jest.Describe {
  return hasServices(...needed) ? describe : describe.skip;
}

/** As `describeWith`, for a single test. */
export function itWith(...needed: TestService[]): jest.It {
  return hasServices(...needed) ? it : it.skip;
}
