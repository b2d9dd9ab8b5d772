import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import type { RequestEvent } from '../interfaces/request-event.interface.js';
import { JournalEntry, readJournalLine } from './journal-line.js';
import { LogTally } from './log-tally.js';

/** How much is read at once; more only for a line that is longer. */
const CHUNK_BYTES = 1_048_576;
const LINE_END = 10;

/** Events after which a portion is followed by another. */
const PORTION_EVENTS = 1_000;

/** What stands in a file from one place on. */
export interface JournalBatch {
  entries: JournalEntry[];
  /** What all of them add to the roll-ups, where that was added up when they were written. */
  tally?: LogTally;
  /** Lines that hold no event: the end of a write that a crash cut short. */
  damaged: number;
  /** Where the next batch begins. */
  end: number;
  /** Whether nothing more was there when it was read. */
  isLast: boolean;
}

/** Whole lines of events of this process that follow one another, added up: they need not be parsed to be counted. */
interface Portion {
  end: number;
  events: number;
  tally: LogTally;
  /** Whether it is being stored: what comes then begins another. */
  isSealed: boolean;
}

/** A file of the journal: written to by its process until it is closed, read from its begin. */
export class JournalFile {
  private descriptor: number | undefined;
  /** Oldest first; they reach from what is drained to the end of what was appended whole. */
  private portions: Portion[] = [];
  private drainedBytes = 0;

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
    return this.drainedBytes >= this.size;
  }

  /**
   * Hands `lines`, those of `events`, to the operating system, which keeps them whatever becomes of this process. Throws what
   * the file system does, with nothing of them kept; the file is then closed, as part of them may be there nevertheless.
   */
  append(lines: Buffer, events: readonly RequestEvent[]): void {
    if (this.descriptor === undefined) throw new Error('The file is closed');
    try {
      const written = writeSync(this.descriptor, lines);
      this.size += written;
      if (written < lines.length) {
        ftruncateSync(this.descriptor, this.size - written);
        this.size -= written;
        throw new Error(`${written} of ${lines.length} bytes were written`);
      }
    } catch (error) {
      this.close();
      throw error;
    }
    const portion = this.openPortion();
    for (const event of events) portion.tally.add(event);
    portion.events += events.length;
    portion.end = this.size;
  }

  /** Everything up to `end` is in the database. */
  confirm(end: number): void {
    this.drainedBytes = end;
    this.portions = this.portions.filter((portion) => portion.end > end);
  }

  close(): void {
    if (this.descriptor === undefined) return;
    closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  /** The next events that are not drained: about `limit`, or fewer. */
  async read(limit: number): Promise<JournalBatch> {
    const [portion] = this.portions;
    return portion ? this.readPortion(portion) : this.readLines(limit);
  }

  async remove(): Promise<void> {
    this.close();
    await rm(this.path, { force: true });
  }

  private async readPortion(portion: Portion): Promise<JournalBatch> {
    portion.isSealed = true;
    const { end, events, tally } = portion;
    const { entries } = takeLines(await this.readBytes(end - this.drainedBytes), events, ownLine);
    // A file is ours alone, but nothing keeps others from cutting or removing it.
    const damaged = events - entries.length;
    return { entries, ...(damaged === 0 && { tally }), damaged, end, isLast: end >= this.size };
  }

  /** What is not known to be whole: another process may have been cut off as it wrote. */
  private async readLines(limit: number): Promise<JournalBatch> {
    const size = this.size;
    for (let length = CHUNK_BYTES; ; length *= 4) {
      const wanted = Math.min(length, size - this.drainedBytes);
      const chunk = await this.readBytes(wanted);
      const isWhole = wanted === size - this.drainedBytes || chunk.length < wanted;
      const batch = takeLines(chunk, limit, readJournalLine);
      const end = this.drainedBytes + batch.end;
      if (batch.end > 0) return { ...batch, end, isLast: end >= size };
      if (isWhole) return { entries: [], damaged: Number(chunk.length > 0), end: size, isLast: true };
    }
  }

  private openPortion(): Portion {
    const last = this.portions.at(-1);
    if (last && !last.isSealed && last.events < PORTION_EVENTS) return last;
    const portion = { end: this.size, events: 0, tally: new LogTally(), isSealed: false };
    this.portions.push(portion);
    return portion;
  }

  private async readBytes(length: number): Promise<Buffer> {
    try {
      const handle = await open(this.path, 'r');
      try {
        const { buffer, bytesRead } = await handle.read(
          Buffer.allocUnsafe(length),
          0,
          length,
          this.drainedBytes,
        );
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

/** A line that is known to hold an event. */
function ownLine(line: string): JournalEntry {
  return new JournalEntry(line);
}

function takeLines(
  chunk: Buffer,
  limit: number,
  read: (line: string) => JournalEntry | null,
): Omit<JournalBatch, 'isLast'> {
  const batch = { entries: [] as JournalEntry[], damaged: 0, end: 0 };
  while (batch.entries.length < limit) {
    const lineEnd = chunk.indexOf(LINE_END, batch.end);
    if (lineEnd < 0) break;
    const entry = read(chunk.toString('utf8', batch.end, lineEnd));
    if (entry === null) batch.damaged += 1;
    else batch.entries.push(entry);
    batch.end = lineEnd + 1;
  }
  return batch;
}
