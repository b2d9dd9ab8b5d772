import { readFileSync } from 'node:fs';

/** The user's own specification, as it was written. */
const text = readFileSync('test/e2e/support/ai-providers-module.md', 'utf8');

/** A request as the specification prints it. */
export interface SpecifiedRequest {
  method: string;
  /** As printed, without the prefix `/api`, which a running service's URL has. */
  path: string;
  body: Record<string, unknown> | undefined;
}

/** The text under a heading of any level, up to the next line that begins with `#`. */
export function section(heading: string): string {
  return (/^[^]*?(?=^#|(?![^]))/m.exec(after(heading)) ?? [''])[0];
}

/** The first block of code after a heading. */
export function codeUnder(heading: string): string {
  const [, code] = /```\w*\n([^]*?)```/.exec(after(heading)) ?? [];
  if (code === undefined) throw new Error(`There is no code after "${heading}"`);
  return code;
}

function after(heading: string): string {
  const mark = `# ${heading}\n`;
  const start = text.indexOf(mark);
  if (start === -1) throw new Error(`The specification has no heading "${heading}"`);
  return text.slice(start + mark.length);
}

export function requestUnder(heading: string): SpecifiedRequest {
  const [, method, path, rest] = /^(\w+) \/api(\S*)\n([^]*)/.exec(codeUnder(heading)) ?? [];
  const body = rest!.slice(rest!.indexOf('{'));
  return {
    method: method!,
    path: path!,
    body: body.startsWith('{') ? (JSON.parse(body) as Record<string, unknown>) : undefined,
  };
}

/** The variables of the `.env` file, as printed. */
export function environment(): Record<string, string> {
  const lines = codeUnder('2. Environment Configuration').matchAll(/^(\w+)=(.*)$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name!, value!]));
}

/** The endpoints of the table: method and path. */
export function endpoints(): { method: string; path: string }[] {
  const rows = section('API Endpoints').matchAll(/^\| (\w+) \| `(\S+)` \|/gm);
  return [...rows].map(([, method, path]) => ({ method: method!, path: path! }));
}

/** The numbers of a block of settings by their names. */
export function numbersUnder(heading: string): Record<string, number> {
  const lines = codeUnder(heading).matchAll(/^ {2}(\w+): (\d+)/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name!, Number(value)]));
}

/** An object literal of TypeScript, as the best practices print them, as a value. */
export function literalsUnder(heading: string): Record<string, unknown>[] {
  const code = codeUnder(heading).replace(/\/\/.*$/gm, '');
  return code
    .split(/^(?=\{)/m)
    .filter((literal) => literal.trim() !== '')
    .map((literal) => JSON.parse(jsonOf(literal)) as Record<string, unknown>);
}

function jsonOf(literal: string): string {
  return literal.replace(/(\w+):/g, '"$1":').replace(/,(\s*\})/g, '$1');
}
