import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { MissingPackageError, OPTIONAL_PACKAGES, withPackages } from './optional-packages.js';

const { peerDependenciesMeta } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  peerDependenciesMeta: Record<string, { optional: boolean }>;
};

describe('withPackages', () => {
  const rejectedWith = (error: Error): Promise<unknown> =>
    withPackages('Jobs on Redis', () => Promise.reject(error)).catch((reason: unknown) => reason);

  it('names what to install for a feature whose package is missing', async () => {
    const error = await rejectedWith(
      new Error("Cannot find package 'bullmq' imported from /app/job.store.js"),
    );
    expect(error).toBeInstanceOf(MissingPackageError);
    expect(error).toHaveProperty(
      'message',
      'Jobs on Redis needs packages that are not installed: npm install bullmq ioredis',
    );
  });

  it.each([
    'Redis is away',
    "Cannot find package 'tslib' imported from /app/node_modules/bullmq/index.js",
    "Cannot find module './job.store.js' imported from /app/index.js",
  ])('passes on another failure: %s', async (message) => {
    const failure = new Error(message);
    expect(await rejectedWith(failure)).toBe(failure);
  });

  it('gives what was loaded', async () => {
    expect(await withPackages('Jobs on Redis', () => Promise.resolve('loaded'))).toBe('loaded');
  });
});

it('the packages of the features, and Swagger, are the optional peers of package.json', () => {
  const named = Object.values(OPTIONAL_PACKAGES).flat();
  expect([...named, '@nestjs/swagger'].sort()).toEqual(Object.keys(peerDependenciesMeta).sort());
});
