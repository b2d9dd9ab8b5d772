// npm run config:docs [-- --check]: writes .env.example and the table in docs/configuration.md from the configuration's schema,
// where the variables are described. --check only compares, and exits 1 where a file is not as it would be written.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import { APP_VARIABLES } from '../dist/app-config.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const isCheck = process.argv.includes('--check');

const HEAD = `## Copy to .env and change what you need; as it stands it says what holds anyway. An empty value counts as unset.
## Every value is checked at start. Written by npm run config:docs.
`;
const TABLE = /(?<=<!-- table -->\n)[^]*(?=<!-- \/table -->)/;

function envExample() {
  return (
    HEAD +
    APP_VARIABLES.map(({ name, meaning, fallback }) => `\n# ${meaning}\n${name}=${fallback}\n`).join('')
  );
}

/** The page with its table written anew. */
async function configurationPage(page) {
  if (!TABLE.test(page)) throw new Error('docs/configuration.md has no <!-- table --> … <!-- /table -->');
  const rows = APP_VARIABLES.map(
    ({ name, meaning, fallback }) =>
      `| \`${name}\` | ${fallback === '' ? 'unset' : `\`${fallback}\``} | ${meaning} |`,
  );
  const table = ['| variable | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
  const options = await prettier.resolveConfig(join(root, 'docs', 'configuration.md'));
  return prettier.format(
    page.replace(TABLE, () => `\n${table}\n\n`),
    { ...options, parser: 'markdown' },
  );
}

const stale = [];
async function write(file, render) {
  const path = join(root, file);
  const before = readFileSync(path, 'utf8');
  const after = await render(before);
  if (after === before) return;
  if (isCheck) stale.push(file);
  else writeFileSync(path, after);
}

await write('.env.example', envExample);
await write(join('docs', 'configuration.md'), configurationPage);
if (stale.length > 0) {
  console.error(`Not as the configuration's schema says: ${stale.join(', ')}; run npm run config:docs`);
  process.exit(1);
}
