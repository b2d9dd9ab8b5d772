/**
 * The arrows of docs/architecture.md. A room may import what stands in its `to` list and itself, and nothing else of ours.
 */
const CORE = '^src/modules/ai-providers';

/** What computes. Time, randomness and input come in as arguments. */
const COMPUTING = [
  'interfaces',
  'errors',
  'accounting',
  'dialects',
  'models',
  'routing',
  'resilience',
  'operations',
];
const OBSERVED = [...COMPUTING, 'storage', 'ledger', 'registry', 'admission'];

const rooms = {
  interfaces: [],
  errors: ['interfaces'],
  dto: ['interfaces', 'errors'],
  accounting: ['interfaces'],
  dialects: ['interfaces'],
  models: ['interfaces', 'errors', 'dialects', 'accounting'],
  routing: ['interfaces', 'errors', 'dialects', 'accounting', 'models'],
  resilience: ['interfaces', 'errors'],
  'resilience/state': COMPUTING,
  operations: ['interfaces', 'errors', 'dialects', 'accounting', 'models', 'routing', 'resilience'],
  providers: ['interfaces', 'errors', 'dialects'],
  storage: ['errors'],
  registry: [...COMPUTING, 'storage', 'providers'],
  admission: [...COMPUTING, 'registry'],
  policies: COMPUTING,
  pipeline: [...COMPUTING, 'admission', 'policies'],
  ledger: [...COMPUTING, 'storage'],
  statistics: OBSERVED,
  health: [...OBSERVED, 'statistics'],
  alerts: [...OBSERVED, 'statistics', 'health'],
  telemetry: OBSERVED,
  services: [...OBSERVED, 'providers', 'policies', 'pipeline', 'statistics', 'health', 'alerts', 'telemetry'],
};

const INFRA = '^src/infra/';
const infraOf = {
  dto: '^src/infra/openapi/',
  providers: '^src/infra/(http-client/|logging/secret[.-])',
  storage: INFRA,
  registry: INFRA,
  'resilience/state': INFRA,
  admission: INFRA,
  policies: INFRA,
  ledger: INFRA,
  statistics: INFRA,
  health: INFRA,
  alerts: INFRA,
  telemetry: INFRA,
  services: INFRA,
};

/** Rooms with a repository, and the files in them that know the database. */
const STORED = ['storage', 'registry', 'ledger', 'statistics', 'health', 'alerts'];
const ASKS_THE_DATABASE = [
  `${CORE}/storage/`,
  `${CORE}/(${STORED.join('|')})/[^/]+[.]repository[.]ts$`,
  `${CORE}/registry/provider-row[.]converter[.]ts$`,
  `${CORE}/ledger/journal/journal-drainer[.]ts$`,
];

/** Rooms that compute: no framework, no database, no vendor. */
const PURE = [...COMPUTING, 'pipeline'];

/** The SDK each vendor's adapter is made of; custom speaks OpenAI's language. */
const SDK_OF = { openai: 'openai', custom: 'openai', anthropic: '@anthropic-ai', gemini: '@google' };
const SDKS = 'node_modules/(openai|@anthropic-ai|@google)/';

const tests = '\\.(spec|model\\.spec)\\.ts$';

/** What the machines of `resilience` remember, in memory and in Redis: the one folder of that room that is not pure. */
const STATE = `${CORE}/resilience/state/`;

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `room-${room.replace('/', '-')}`,
  severity: 'error',
  from: { path: `${CORE}/${room}/`, pathNot: room === 'resilience' ? [STATE, tests] : tests },
  to: {
    path: '^src/',
    pathNot: [
      ...[room, ...allowed].map((name) => `${CORE}/${name}/`),
      ...(infraOf[room] ? [infraOf[room]] : []),
      ...(STORED.includes(room) ? ['^src/generated/'] : []),
    ],
  },
}));

const sdkRules = Object.entries(SDK_OF).map(([vendor, sdk]) => ({
  name: `sdk-of-${vendor}`,
  severity: 'error',
  from: { path: `${CORE}/providers/${vendor}[./]`, pathNot: tests },
  to: { path: SDKS, pathNot: `node_modules/${sdk}/` },
}));

module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'unresolved-import', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...roomRules,
    ...sdkRules,
    {
      name: 'words-alone',
      comment: 'Types only: not even Node',
      severity: 'error',
      from: { path: `${CORE}/interfaces/` },
      to: { path: '.', pathNot: `${CORE}/interfaces/` },
    },
    {
      name: 'pure-of-node',
      comment: 'Time, randomness and input come in as arguments',
      severity: 'error',
      from: {
        path: PURE.filter((room) => room !== 'errors').map((room) => `${CORE}/${room}/`),
        pathNot: [STATE, tests],
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-rooms',
      comment:
        'What computes knows no framework, database or vendor; AIError alone is an HttpException of Nest',
      severity: 'error',
      from: {
        path: PURE.map((room) => `${CORE}/${room}/`),
        pathNot: [`${CORE}/errors/ai[.]error[.]ts$`, STATE, tests],
      },
      to: {
        path: 'node_modules/(@nestjs|@prisma|openai|@anthropic-ai|@google|redis|ioredis|undici|pg)(/|$)',
      },
    },
    {
      name: 'infra-knows-no-ai',
      severity: 'error',
      from: { path: '^src/infra/', pathNot: [tests] },
      to: { path: '^src/', pathNot: ['^src/infra/', '^src/generated/'] },
    },
    {
      name: 'access-knows-no-module',
      severity: 'error',
      from: { path: '^src/access/', pathNot: [tests] },
      to: { path: '^src/', pathNot: ['^src/access/', '^src/infra/'] },
    },
    {
      name: 'apis-apart',
      comment: 'An API never imports another API; the core imports none',
      severity: 'error',
      from: { path: '^src/modules/([^/]+)/' },
      to: { path: '^src/modules/', pathNot: ['^src/modules/$1/', `${CORE}/`] },
    },
    {
      name: 'api-of-the-core',
      comment: 'Only the files that wire see behind the services',
      severity: 'error',
      from: {
        path: `${CORE}/[^/]+[.]ts$`,
        pathNot: [
          `${CORE}/(ai-providers[.]module(-definition)?|(pipeline|policies)[.]provider)[.]ts$`,
          tests,
        ],
      },
      to: { path: `${CORE}/(?!(services|dto|interfaces|errors)/)[^/]+/` },
    },
    {
      name: 'other-apis',
      comment: 'An API knows the services, their words and errors, and how the core answers errors',
      severity: 'error',
      from: { path: '^src/modules/', pathNot: [`${CORE}/`, tests] },
      to: {
        path: `${CORE}/`,
        pathNot: [
          `${CORE}/(services|interfaces|errors|dto)/`,
          // Where an API adds what it alone can measure, and where the metrics are read.
          `${CORE}/telemetry/prometheus[.]service[.]ts$`,
          `${CORE}/[^/]+[.]ts$`,
        ],
      },
    },
    {
      name: 'sdk-in-its-adapter',
      severity: 'error',
      from: { path: '^src/', pathNot: [`${CORE}/providers/`, tests] },
      to: { path: SDKS },
    },
    {
      name: 'adapters-apart',
      comment: 'A vendor never imports another; custom alone speaks OpenAI',
      severity: 'error',
      from: { path: `${CORE}/providers/(openai|anthropic|gemini)[./]`, pathNot: tests },
      to: {
        path: `${CORE}/providers/(openai|anthropic|gemini|custom)[./]`,
        pathNot: `${CORE}/providers/$1[./]`,
      },
    },
    {
      name: 'adapters-know-no-framework',
      severity: 'error',
      from: { path: `${CORE}/providers/`, pathNot: tests },
      to: { path: 'node_modules/(@nestjs|@prisma|fastify|express|pg|undici)(/|$)' },
    },
    {
      name: 'shared-adapter-code-is-of-no-vendor',
      comment: 'The factory alone knows them all',
      severity: 'error',
      from: {
        path: `${CORE}/providers/([^/]+|(chat|refusals|wire)/.+)[.]ts$`,
        pathNot: [
          `${CORE}/providers/((${Object.keys(SDK_OF).join('|')})[.]provider|adapter[.]factory)[.]ts$`,
          tests,
        ],
      },
      to: { path: [SDKS, `${CORE}/providers/(${Object.keys(SDK_OF).join('|')})[./]`] },
    },
    {
      name: 'database-below',
      comment: 'Repositories alone reach the database; the module file wires it',
      severity: 'error',
      from: { path: '^src/modules/', pathNot: [...ASKS_THE_DATABASE, tests] },
      to: { path: '^src/infra/prisma/' },
    },
    {
      name: 'prisma-below',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: ['^src/infra/prisma/', ...ASKS_THE_DATABASE, '^src/generated/', '^src/cli/', tests],
      },
      to: { path: ['node_modules/(@prisma|pg)(/|$)', '^src/generated/'] },
    },
    {
      name: 'swagger-in-its-place',
      comment: 'A host application may lack it: one file looks for it, and the service alone imports it',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/infra/openapi/', '^src/openapi[.]ts$', tests] },
      to: { path: 'node_modules/@nestjs/swagger/' },
    },
    {
      name: 'queues-in-their-api',
      comment: 'BullMQ is loaded only where jobs can be: what imports it is imported when there is a Redis',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/modules/ai-jobs/', '^src/infra/redis/', tests] },
      to: { path: 'node_modules/(bullmq|ioredis)(/|$)' },
    },
    {
      name: 'tests-are-not-imported',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { path: [tests, '^test/', '^bench/'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/generated/.*/internal' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
};
