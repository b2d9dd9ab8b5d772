import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import process from 'node:process';
import ts from 'typescript';
import { DOCUMENTS, fencedBlocks } from '../../integration/support/document.reader.js';

/** A `ts` block as a file of a folder for its page. */
export interface DocumentProgram {
  path: string;
  /** Within the folder of all pages; its name as the first line says (`// app.module.ts`), by which others import it. */
  file: string;
  /** The Nest module that it exports, which is started; a program without one runs as it stands. */
  module: string | undefined;
  /** Whether it runs until it is stopped. */
  listens: boolean;
}

/** Imports one program after another, starts the module that it exports, and says of each whether that went well. */
const RUNNER = `
import { NestFactory } from '@nestjs/core';
for (const { file, module } of PROGRAMS) {
  try {
    const exported = await import('./' + file);
    if (module !== undefined) {
      const app = await NestFactory.create(exported[module], { logger: false, abortOnError: false });
      await app.init();
      await app.close();
    }
    console.log('\\nran ' + file);
  } catch (error) {
    console.log('\\nfailed ' + file, error);
  }
}
`;

/**
 * Writes the `ts` blocks of all documents into a folder in which they find the packages that this repository has and the built one
 * by its name, with `run.mjs`, which runs those that end by themselves. Nothing but addresses is changed: a test cannot have the ports that
 * the documents name.
 */
export async function writePrograms(folder: string, serviceUrl: string): Promise<DocumentProgram[]> {
  await mkdir(join(folder, 'node_modules'));
  for (const name of await readdir('node_modules')) {
    await symlink(resolve('node_modules', name), join(folder, 'node_modules', name));
  }
  await symlink(process.cwd(), join(folder, 'node_modules', 'ai-providers'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const programs: DocumentProgram[] = [];
  for (const path of DOCUMENTS) {
    const page = path.replace(/\.md$/, '').replaceAll('/', '-');
    for (const [index, { language, text }] of fencedBlocks(path).entries()) {
      if (language !== 'ts') continue;
      await mkdir(join(folder, page), { recursive: true });
      const file = join(page, /^\/\/ (\S+\.ts)$/m.exec(text)?.[1] ?? `block-${index + 1}.ts`);
      const addressed = text
        .replaceAll('listen(3000)', "listen(0, '127.0.0.1')")
        .replaceAll('http://127.0.0.1:3000/api', serviceUrl);
      await writeFile(join(folder, file), addressed);
      const module = /^export class (\w+Module) /m.exec(text)?.[1];
      programs.push({ path, file, module, listens: text.includes('.listen(') });
    }
  }
  const ending = programs.filter(({ listens }) => !listens).map(({ file, module }) => ({ file, module }));
  await writeFile(join(folder, 'run.mjs'), RUNNER.replace('PROGRAMS', JSON.stringify(ending)));
  return programs;
}

/** What the compiler says about the files, by the options of this repository and the module's source. */
export function typeErrors(folder: string, files: readonly string[]): string[] {
  const { config } = ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: Record<string, unknown> };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, process.cwd());
  const program = ts.createProgram(
    files.map((file) => join(folder, file)),
    {
      ...options,
      rootDir: undefined,
      noEmit: true,
      // A recipe imports and declares what its reader goes on with.
      noUnusedLocals: false,
      paths: { ...options.paths, 'ai-providers': [resolve('src/index.ts')] },
    },
  );
  return files.flatMap((file) => {
    const source = program.getSourceFile(join(folder, file));
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  });
}
