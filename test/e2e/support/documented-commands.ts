import { readFileSync } from 'node:fs';
import { blocksIn } from '../../integration/support/document.reader.js';

/** A line of a `bash` block that a test runs. */
export interface DocumentedCommand {
  /** The first page that has it. */
  path: string;
  command: string;
}

/** What `test/e2e/demo.e2e-spec.ts` runs, and `readme.e2e-spec.ts` beside the requests. */
const DEMONSTRATIONS = ['npm run demo', 'npm run demo -- --once'];

const ciLines = readFileSync('.ci/run', 'utf8').split('\n');

/**
 * The commands of all `bash` blocks that say nothing of what they need, each once. Left out is what other tests run, requests and the
 * demonstration, and what `.ci/run` runs itself: the installation, the build and the tests are not run inside of a test again.
 */
export function documentedCommands(): DocumentedCommand[] {
  const commands = blocksIn('bash')
    .filter(({ needs }) => needs === undefined)
    .flatMap(({ path, text }) =>
      linesOf(text)
        .map((line) => withoutChecksOfCi(line))
        .filter(
          (command) => command !== '' && !command.startsWith('curl ') && !DEMONSTRATIONS.includes(command),
        )
        .map((command) => ({ path, command })),
    );
  return commands.filter(
    ({ command }, index) => commands.findIndex((other) => other.command === command) === index,
  );
}

/** The lines of a block, continued ones joined, without comments. */
export function linesOf(block: string): string[] {
  return block
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s+)#\s.*$/, '').trim())
    .filter((line) => line !== '');
}

function withoutChecksOfCi(line: string): string {
  return line
    .split(' && ')
    .filter((command) => !isRunByCi(command))
    .join(' && ');
}

/** Whether `.ci/run` has the command, by itself or behind the name of a check, perhaps with further arguments. */
function isRunByCi(command: string): boolean {
  return ciLines.some(
    (line) => line === command || line.endsWith(` ${command}`) || line.includes(` ${command} `),
  );
}
