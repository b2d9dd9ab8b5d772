import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A fenced block of a document. */
export interface FencedBlock {
  /** Path of the document. */
  path: string;
  language: string;
  text: string;
  /** What the block's first line says that it needs and a test does not have: `# Needs Docker.` */
  needs: string | undefined;
}

/** Every page that a reader is given, by its path. */
export const DOCUMENTS: readonly string[] = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...markdownUnder('docs'),
  ...markdownUnder('examples'),
];

/** The fenced blocks of a document in their order, without the indentation of a list that they stand in. */
export function fencedBlocks(path: string): FencedBlock[] {
  const fences = readFileSync(path, 'utf8').matchAll(/^( *)```(\w*)\n([^]*?)^\1```$/gm);
  return [...fences].map(([, indentation, language, body]) => {
    const text = body!.replaceAll(new RegExp(`^${indentation}`, 'gm'), '');
    return { path, language: language!, text, needs: /^# Needs (.+)\.\n/.exec(text)?.[1] };
  });
}

/** The blocks of all documents that are of one language. */
export function blocksIn(language: string): FencedBlock[] {
  return DOCUMENTS.flatMap(fencedBlocks).filter((block) => block.language === language);
}

/** The anchors of a document's headings, as GitHub makes them. */
export function anchorsOf(path: string): string[] {
  const headings = readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function markdownUnder(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(directory, name))
    .sort();
}
