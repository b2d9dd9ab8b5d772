import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fencedBlocks } from '../../integration/support/document.reader.js';

const run = promisify(execFile);

/** A command of a document, and what the document says that it prints. */
export interface PrintedCommand {
  command: string;
  output: string;
}

/** What a command did: what it wrote, its exit code, and the status of the answer where it made a request. */
export interface CommandRun {
  output: string;
  errors: string;
  exitCode: number;
  status: number | undefined;
}

/** The commands of a document's `console` blocks: a line that begins with `$ ` and the indented lines that follow. */
export function consoleCommands(path: string): PrintedCommand[] {
  return textsOf(path, 'console').flatMap((block) =>
    [...block.matchAll(/^\$ (.*\n(?: {2,}.*\n)*)((?:(?!\$ ).*\n)*)/gm)].map(([, command, output]) => ({
      command: command!.trimEnd(),
      output: output!.trimEnd(),
    })),
  );
}

/** The requests in a document's `bash` blocks, which say nothing of what comes back. */
export function shellRequests(path: string): PrintedCommand[] {
  return textsOf(path, 'bash').flatMap((block) =>
    [...block.matchAll(/^curl (?:.*\\\n)*.*$/gm)].map(([command]) => ({ command, output: '' })),
  );
}

/** Runs the commands in one shell in their order, as if they were pasted; each is told apart by what it wrote. */
export async function runInOneShell(commands: readonly string[]): Promise<CommandRun[]> {
  const directory = await mkdtemp(join(tmpdir(), 'ai-providers-commands-'));
  try {
    const parts = commands.map(
      (command, index) => `{ ${command}\n} >${index}.out 2>${index}.err; echo $? >${index}.code`,
    );
    await run('bash', ['-c', [PRELUDE, ...parts].join('\n')], { cwd: directory });
    const read = (index: number, kind: string): Promise<string> =>
      readFile(join(directory, `${index}.${kind}`), 'utf8');
    return await Promise.all(
      commands.map(async (_, index) => {
        const errors = await read(index, 'err');
        const status = /^status (\d+)$/m.exec(errors)?.[1];
        return {
          output: await read(index, 'out'),
          errors,
          exitCode: Number(await read(index, 'code')),
          status: status === undefined ? undefined : Number(status),
        };
      }),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** `curl` tells the status beside what it prints anyway. */
const PRELUDE = `set -o pipefail\ncurl() { command curl -w '%{stderr}status %{http_code}\\n' "$@"; }`;

const textsOf = (path: string, language: string): string[] =>
  fencedBlocks(path)
    .filter((block) => block.language === language)
    .map(({ text }) => text);
