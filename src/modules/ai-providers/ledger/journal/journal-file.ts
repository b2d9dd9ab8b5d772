import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import type { RequestEvent } from '../../interfaces/request-event.interface.js';
import { JournalEntry, readJournalLine } from './journal-line.js';
import { LogCounters } from '../rollups/log-counters.js';

/** What a batch has at most, but for a line or the lines of one write that are more alone. */
const BATCH_EVENTS = 1_000;
const BATCH_BYTES = 1_048_576;
const LINE_END = 10;

/** What stands in a file from one place on. */
export interface JournalBatch {
  entries: JournalEntry[];
  /** What all of them add to the roll-ups, where that was added up when they were written. */
  counters?: LogCounters;
  /** Lines that hold no event: the end of a write that a crash cut short. */
  damaged: number;
  /** Where the next batch begins. */
  end: number;
  /** Whether nothing more was there when it was read. */
  isLast: boolean;
}

/** Whole lines of events of this process that follow one another, added up: they need not be parsed to be counted. */
interface Portion {
  begin: number;
  end: number;
  events: number;
  /** Undefined where one of the events has no time to be added up under. */
  counters: LogCounters | undefined;
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
    const portion = this.portionFor(lines.length, events.length);
    for (const event of events) {
      // What threw here would be taken for a failed write, and its neighbours be written again.
      if (isTime(event.endedAt)) portion.counters?.add(event);
      else portion.counters = undefined;
    }
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

  /** The next events that are not drained, a batch of them at most. */
  async read(): Promise<JournalBatch> {
    const [portion] = this.portions;
    return (portion && (await this.readPortion(portion))) ?? this.readLines();
  }

  async remove(): Promise<void> {
    this.close();
    await rm(this.path, { force: true });
  }

  /** Null where it is not there as it was written: a file is ours alone, but nothing keeps others from cutting it. */
  private async readPortion(portion: Portion): Promise<JournalBatch | null> {
    portion.isSealed = true;
    const { end, events, counters } = portion;
    const isLast = end >= this.size;
    const wanted = end - this.drainedBytes;
    const lines = takeLines(await this.readBytes(wanted), Infinity, ownLine);
    const isWhole = lines.end === wanted && lines.entries.length === events;
    return isWhole ? { ...lines, end, counters, isLast } : null;
  }

  /** What is not known to be whole: another process may have been cut off as it wrote. */
  private async readLines(): Promise<JournalBatch> {
    const size = this.size;
    for (let length = BATCH_BYTES; ; length *= 4) {
      const wanted = Math.min(length, size - this.drainedBytes);
      const chunk = await this.readBytes(wanted);
      const isWhole = wanted === size - this.drainedBytes || chunk.length < wanted;
      const batch = takeLines(chunk, BATCH_EVENTS, readJournalLine);
      const end = this.drainedBytes + batch.end;
      if (batch.end > 0) return { ...batch, end, isLast: end >= size };
      if (isWhole) return { entries: [], damaged: Number(chunk.length > 0), end: size, isLast: true };
    }
  }

  /** The portion of lines that were just written. */
  private portionFor(bytes: number, events: number): Portion {
    const last = this.portions.at(-1);
    const hasRoom = last && last.events + events <= BATCH_EVENTS && this.size - last.begin <= BATCH_BYTES;
    if (hasRoom && !last.isSealed) return last;
    const begin = this.size - bytes;
    const portion: Portion = { begin, end: begin, events: 0, counters: new LogCounters(), isSealed: false };
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
      // Another process that found it left over, as this one did, has drained it first.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    }
  }
}

/** Whether a date can be of so many milliseconds (ECMA-262, "Time Values and Time Range"). */
function isTime(ms: number): boolean {
  return Math.abs(ms) <= 8.64e15;
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
