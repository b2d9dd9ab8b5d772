/** @type {import('jest').Config} */
export default {
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: 'node',
  rootDir: '.',
  roots: ['<rootDir>/src', '<rootDir>/test', '<rootDir>/examples'],
  testMatch: ['**/*.spec.ts', '**/*.e2e-spec.ts'],
  moduleNameMapper: {
    // Jest cannot require an ECMAScript module, which is how a host application's `@nestjs/swagger` is found.
    '/openapi/swagger\\.js$': '@nestjs/swagger',
    '^@modules/(.*?)(?:\\.js)?$': '<rootDir>/src/modules/$1.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true, dynamicImport: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
          keepClassNames: true,
        },
      },
    ],
  },
  globalSetup: '<rootDir>/test/services/probe.mjs',
  setupFilesAfterEnv: ['<rootDir>/test/seed.ts'],
  reporters: ['default', '<rootDir>/test/services/left-out.reporter.mjs'],
  showSeed: true,
  testTimeout: 15_000,
  maxWorkers: 2,
};
