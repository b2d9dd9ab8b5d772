import { fileURLToPath } from 'node:url';

/** Node's arguments to run a program that is written in TypeScript, by its path from here. */
export function typescriptProgram(path: string): string[] {
  const at = (relative: string): URL => new URL(relative, import.meta.url);
  return ['--import', at('typescript-hooks.mjs').href, fileURLToPath(at(path))];
}
