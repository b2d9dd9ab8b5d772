#!/usr/bin/env node
import process from 'node:process';

/** What each command runs; what it is given and says is its own. */
const COMMANDS = new Map<string, () => Promise<unknown>>([
  ['migrate', () => import('./migrate.js')],
  ['rotate-keys', () => import('./rotate-keys.js')],
  ['serve', () => import('../main.js')],
]);

const USAGE = `Usage: ai-providers <command>, of ${[...COMMANDS.keys()].join(', ')}; settings come from the environment and .env\n`;

/** `npx ai-providers <command>`: the commands of this package where it is installed in another application. */
const run = COMMANDS.get(process.argv[2] ?? '');
if (run === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 1;
} else {
  await run();
}
