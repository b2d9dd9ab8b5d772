import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Lines that are read at once: some quarter of a millisecond. */
const LINES_A_TURN = 500;

const { resolve } = createRequire(import.meta.url);

/** The tokens of OpenAI's `cl100k_base` by their bytes, each byte a character. */
export class Vocabulary {
  /** By length: a table that grows is copied, and one of all would hold the process up by that. */
  private readonly byLength: Map<string, number>[] = [];

  /** The place of a token in the order in which pairs are merged; undefined where there is no such token. */
  rankOf(bytes: string): number | undefined {
    return this.byLength[bytes.length]?.get(bytes);
  }

  add(bytes: string, rank: number): void {
    (this.byLength[bytes.length] ??= new Map()).set(bytes, rank);
  }
}

/**
 * Reads the vocabulary that gpt-tokenizer brings, in slices: as a module it would hold the process up for a quarter of a
 * second. Null where `isStopped` says so meanwhile. Rejects with the file system's error.
 */
export async function loadVocabulary(isStopped: () => boolean): Promise<Vocabulary | null> {
  const text = await readFile(resolve('gpt-tokenizer/data/cl100k_base.tiktoken'), 'latin1');
  const vocabulary = new Vocabulary();
  for (let begin = 0, lines = 1; begin < text.length; lines += 1) {
    const space = text.indexOf(' ', begin);
    const end = text.indexOf('\n', space);
    const lineEnd = end < 0 ? text.length : end;
    const bytes = Buffer.from(text.slice(begin, space), 'base64').toString('latin1');
    vocabulary.add(bytes, Number(text.slice(space + 1, lineEnd)));
    begin = lineEnd + 1;
    if (lines % LINES_A_TURN === 0) await nextTurn();
    if (isStopped()) return null;
  }
  return vocabulary;
}
