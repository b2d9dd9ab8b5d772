import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigError } from './config.error.js';

/** Editors of Windows put it before the first name. */
const BYTE_ORDER_MARK = /^\uFEFF/;

/**
 * Reads `.env` of the working directory into the environment, if there is one. What is already set stays, even where
 * it is set to nothing. The file is of the form that Node's own `--env-file` reads.
 */
export function loadEnvFile(path = '.env', env: NodeJS.ProcessEnv = process.env): void {
  const content = read(path);
  if (content === undefined) return;
  for (const [name, value] of Object.entries(parseEnv(content.replace(BYTE_ORDER_MARK, ''))))
    env[name] ??= value;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code === 'ENOENT') return undefined;
    throw new ConfigError([`${path}: expected a readable file of NAME=value lines (${code})`]);
  }
}
