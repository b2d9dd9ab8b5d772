import { closeSync, openSync, writeSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { readJournalLine, type JournalEntry } from './journal-line.js';

/** How much is read at once; more only for a line that is longer. */
const CHUNK_BYTES = 1_048_576;
const LINE_END = 10;

/** What stands in a file from one place on. */
export interface JournalBatch {
  entries: JournalEntry[];
  /** Lines that hold no event: the end of a write that a crash cut short. */
  damaged: number;
  /** Where the next batch begins. */
  end: number;
  /** Whether nothing more was there when it was read. */
  isLast: boolean;
}

/** A file of the journal: written to by its process until it is closed, read from its begin. */
export class JournalFile {
  private descriptor: number | undefined;
  /** Up to where its events are in the database. */
  drained = 0;

  private constructor(
    readonly path: string,
    public size: number,
  ) {}

  /** Throws the error of the file system. */
  static create(path: string): JournalFile {
    const file = new JournalFile(path, 0);
    file.descriptor = openSync(path, 'ax', 0o600);
    return file;
  }

  /** A file that an ended process left. */
  static leftover(path: string, size: number): JournalFile {
    return new JournalFile(path, size);
  }

  get isOpen(): boolean {
    return this.descriptor !== undefined;
  }

  get isDrained(): boolean {
    return this.drained >= this.size;
  }

  /**
   * Hands whole `lines` to the operating system, which keeps them whatever becomes of this process. Throws what the file
   * system does; the file is then closed, as they may be there in part.
   */
  append(lines: Buffer): void {
    if (this.descriptor === undefined) throw new Error('The file is closed');
    try {
      const written = writeSync(this.descriptor, lines);
      this.size += written;
      if (written < lines.length) throw new Error(`${written} of ${lines.length} bytes were written`);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    if (this.descriptor === undefined) return;
    closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  /** The next events that are not drained, `limit` at most. */
  async read(limit: number): Promise<JournalBatch> {
    const size = this.size;
    for (let length = CHUNK_BYTES; ; length *= 4) {
      const wanted = Math.min(length, size - this.drained);
      const chunk = await this.readBytes(wanted);
      const isWhole = wanted === size - this.drained || chunk.length < wanted;
      const batch = takeLines(chunk, limit);
      const end = this.drained + batch.end;
      if (batch.end > 0) return { ...batch, end, isLast: end >= size };
      if (isWhole) return { entries: [], damaged: Number(chunk.length > 0), end: size, isLast: true };
    }
  }

  async remove(): Promise<void> {
    this.close();
    await rm(this.path, { force: true });
  }

  private async readBytes(length: number): Promise<Buffer> {
    try {
      const handle = await open(this.path, 'r');
      try {
        const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, this.drained);
        return buffer.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    } catch (error) {
      // Another process that found it left over has drained it first.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    }
  }
}

function takeLines(chunk: Buffer, limit: number): Omit<JournalBatch, 'isLast'> {
  const batch = { entries: [] as JournalEntry[], damaged: 0, end: 0 };
  while (batch.entries.length < limit) {
    const lineEnd = chunk.indexOf(LINE_END, batch.end);
    if (lineEnd < 0) break;
    const entry = readJournalLine(chunk.toString('utf8', batch.end, lineEnd));
    if (entry === null) batch.damaged += 1;
    else batch.entries.push(entry);
    batch.end = lineEnd + 1;
  }
  return batch;
}
