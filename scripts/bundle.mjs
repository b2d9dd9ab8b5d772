// The last step of `npm run build`: puts what the programs of dist/ import into few files, as looking up, reading and
// linking three thousand modules is most of what a start costs. What is imported dynamically is loaded then, from a
// chunk of its own. dist/index.js stays as it is: it shares Nest with the service that imports it.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const dist = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist');
const CHUNKS = 'chunks';
const PROGRAMS = [
  'main',
  'worker',
  'cli/ai-providers',
  'cli/migrate',
  'cli/new-migration',
  'cli/rotate-keys',
  'cli/write-openapi',
];
/** Started as a thread, from its place beside the chunk that starts it. */
const THREAD = 'embedded-postgres.worker';

/** What packages look for and go on without. */
const NOT_INSTALLED = [
  '@fastify/cors',
  '@fastify/multipart',
  '@fastify/view',
  '@nestjs/microservices',
  '@nestjs/websockets',
  'class-transformer/storage',
  'file-type',
  'pg-native',
];

/** What reads files that lie beside its own, or is not the service's. */
const LEFT_OUTSIDE = [
  '@electric-sql/pglite',
  '@electric-sql/pglite-socket',
  'msgpackr-extract',
  '@nestjs/platform-express',
];

/** What CommonJS packages expect to be there. */
const COMMON_JS = `import { createRequire as $createRequire } from 'node:module';
const require = $createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;`;

/** A `require` that some of Nest's packages make themselves. */
const OWN_REQUIRE = 'const require = createRequire(import.meta.url);';
/** The head of a class that stands in no function, decorated or not. */
const CLASS = /^(?:.*\*\/ )?(?:export )?(?:let \w+ = (?:\w+ = )?)?class (\w+) (?:extends [^{]+)?\{/gm;

/**
 * Two things in Nest's packages and our own files that esbuild leaves or makes wrong. By a `require` of its own
 * `@nestjs/mapped-types` would load second copies of class-validator and class-transformer, which know nothing of the
 * checks declared here. And a class that has its name twice, as a decorated one, would be called `Name2` or `_Name`.
 *
 * Measured over 20 interleaved rounds against what needs no rewriting: esbuild's `keepNames`, with class-validator and
 * class-transformer left outside, costs a plain request 38 µs of CPU more (10 %; dearer in 14 rounds, and 45 µs in 14 of
 * another 20) and a start 450 ms of CPU (8 of 10 starts); no bundle at all costs a request the same and a start 2.5 s of CPU
 * (10 of 10).
 */
const asWritten = {
  name: 'as-written',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/](dist|@nestjs)[\\/].*\.js$/, namespace: 'file' }, async ({ path }) => {
      const isNest = /[\\/]@nestjs[\\/]/.test(path);
      if (!isNest && !path.startsWith(dist)) return undefined;
      const text = await readFile(path, 'utf8');
      const named = text.replace(
        CLASS,
        (head, name) => `${head} static { Object.defineProperty(this, 'name', { value: '${name}' }); }`,
      );
      return {
        contents: /[\\/](mapped-types|terminus)[\\/]/.test(path) ? named.replace(OWN_REQUIRE, '') : named,
      };
    });
  },
};

/** The service always describes itself: it has `@nestjs/swagger`, which a host application may lack, without a look. */
const withSwagger = {
  name: 'with-swagger',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /[\\/]openapi[\\/]swagger\.js$/ }, ({ resolveDir, kind }) =>
      resolve('@nestjs/swagger', { resolveDir, kind }),
    );
  },
};

/** A CommonJS package imported dynamically would have lost its names: esbuild gives it a default export alone. */
const namedExports = {
  name: 'named-exports',
  setup({ onLoad, onResolve, resolve }) {
    onResolve({ filter: /^[@\w]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === namedExports) return undefined;
      const found = await resolve(path, { kind, importer, resolveDir, pluginData: namedExports });
      return found.external ? found : { path: found.path, namespace: namedExports.name };
    });
    onLoad({ filter: /./, namespace: namedExports.name }, async ({ path }) => {
      const names = Object.keys(await import(pathToFileURL(path))).filter((name) => /^\w+$/.test(name));
      return { contents: `export { ${names} } from ${JSON.stringify(path)};`, resolveDir: dirname(path) };
    });
  },
};

await build({
  entryPoints: [
    ...PROGRAMS.map((program) => ({ in: join(dist, `${program}.js`), out: program })),
    { in: join(dist, 'infra', 'prisma', 'embedded', `${THREAD}.js`), out: `${CHUNKS}/${THREAD}` },
  ],
  outdir: dist,
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  chunkNames: `${CHUNKS}/[name]-[hash]`,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  sourcesContent: false,
  banner: { js: COMMON_JS },
  external: [...NOT_INSTALLED, ...NOT_INSTALLED.map((name) => `${name}/*`), ...LEFT_OUTSIDE],
  plugins: [withSwagger, asWritten, namedExports],
  logLevel: 'warning',
});
