// The last step before `npm pack`: declarations of what dist/index.js exports, and of what those mention. TypeScript takes
// a declaration file for CommonJS or for an ECMAScript module by the package.json above it, and before 5.8 lets no
// CommonJS file import a module. dist/commonjs therefore has the same declarations under `"type": "commonjs"`, and an
// entry that requires the one implementation, so that there is no second copy of any class.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const commonJs = join(dist, 'commonjs');
const emitted = mkdtempSync(join(tmpdir(), 'ai-providers-declarations-'));

/** The file, and every file of ours that it and those mention. */
function withMentioned(entry) {
  const found = new Set([entry]);
  for (const file of found) {
    for (const [, name] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()['"](\.[^'"]+)\.js['"]/g)) {
      const mentioned = resolve(dirname(file), `${name}.d.ts`);
      if (existsSync(mentioned)) found.add(mentioned);
    }
  }
  return found;
}

try {
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
      ...['--project', join(root, 'tsconfig.build.json'), '--outDir', emitted],
      ...['--declaration', '--emitDeclarationOnly', '--stripInternal', '--noCheck', '--sourceMap', 'false'],
    ],
    { stdio: 'inherit' },
  );
  if (status !== 0) process.exit(1);
  rmSync(commonJs, { recursive: true, force: true });
  for (const file of withMentioned(join(emitted, 'index.d.ts'))) {
    cpSync(file, join(dist, relative(emitted, file)));
    cpSync(file, join(commonJs, relative(emitted, file)));
  }
  writeFileSync(join(commonJs, 'package.json'), '{ "type": "commonjs" }\n');
  writeFileSync(join(commonJs, 'index.js'), "'use strict';\nmodule.exports = require('../index.js');\n");
} finally {
  rmSync(emitted, { recursive: true, force: true });
}
