// Generates the Prisma client and builds dist/ where they are missing or older than what they come from. Where the
// development packages are not installed (a production image), an existing dist/ is taken as it is.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(root, ...parts);
const modified = (path) => (existsSync(path) ? statSync(path).mtimeMs : Infinity);
const built = (path) => (existsSync(path) ? statSync(path).mtimeMs : -Infinity);

const prismaCli = at('node_modules', 'prisma', 'build', 'index.js');
const nestCli = at('node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
const bundler = at('scripts', 'bundle.mjs');
const entry = at('dist', 'main.js');

function filesUnder(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath ?? file.path, file.name));
}

function run(what, script, ...args) {
  console.error(`${what}…`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, CHECKPOINT_DISABLE: '1' },
  });
  if (status === 0) return;
  console.error(`${stdout}${stderr}\n${what} failed`);
  process.exit(1);
}

function clientIsCurrent() {
  const client = built(at('src', 'generated', 'prisma', 'client.ts'));
  return ['prisma/schema.prisma', 'prisma.config.ts'].every((file) => modified(at(file)) <= client);
}

/**
 * Every source has a built file that is no older, no built file is older than the settings of the build and the packages
 * bundled into it, and the bundling, which comes last, was done.
 */
function distIsCurrent() {
  const sources = filesUnder(at('src')).filter(
    (file) => /\.[jt]s$/.test(file) && !/\.(spec|d)\.ts$/.test(file),
  );
  const settings = [
    '.swcrc',
    'nest-cli.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'package-lock.json',
    'scripts/bundle.mjs',
  ];
  const newestSetting = Math.max(...settings.map((file) => modified(at(file))));
  if (!existsSync(at('dist', 'chunks'))) return false;
  return sources.every((source) => {
    const target = built(at('dist', relative(at('src'), source).replace(/\.ts$/, '.js')));
    return target >= modified(source) && target >= newestSetting;
  });
}

if (!existsSync(prismaCli) || !existsSync(nestCli)) {
  if (existsSync(entry)) process.exit(0);
  console.error('Nothing is built and the development packages are missing; run: npm ci');
  process.exit(1);
}
if (!clientIsCurrent()) run('Generating the Prisma client', prismaCli, 'generate');
if (!distIsCurrent()) {
  run('Building', nestCli, 'build');
  run('Bundling', bundler);
}
