import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RequestEvent } from '../../interfaces/request-event.interface.js';
import { claimInstance, isInstanceAlive } from './journal-claim.js';
import { JournalFile, type JournalBatch } from './journal-file.js';
import { writeJournalLines } from './journal-line.js';

/** A file this large is followed by another, so that what is drained is soon given back. */
const LARGEST_FILE_BYTES = 4 * 1_048_576;
const FILES_IN_BUDGET = 8;

/** Requests that no database takes: a line each, for an operator to look at. */
const SET_ASIDE = 'set-aside.ndjson';

const FILE_NAME = /^([0-9a-f]+)-\d+\.ndjson$/;

/** Events of one file, to be confirmed once they are in the database. */
export interface PendingBatch extends JournalBatch {
  file: JournalFile;
}

/** How many events could not be kept; without a `fault` the budget left no room for them. */
export interface Appended {
  lost: number;
  fault?: unknown;
}

/**
 * The requests that ended and are not known to be in the database: files of one JSON line each in a directory, which
 * outlive the process. What `append` took is there after `kill -9`; a power cut may take the last seconds. Several
 * processes of one machine may share the directory; each writes files of its own and takes over those of the ended.
 */
export class RequestJournal {
  /** Oldest first; the last one may be open. */
  private files: JournalFile[] = [];
  private written = 0;

  private constructor(
    private readonly directory: string,
    private readonly instance: string,
    private readonly maxBytes: number,
    private readonly giveUpClaim: () => Promise<void>,
  ) {}

  /** Makes `directory` where it is missing and takes over what ended processes left in it. */
  static async open(directory: string, maxBytes: number): Promise<RequestJournal> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const instance = randomBytes(6).toString('hex');
    const journal = new RequestJournal(
      directory,
      instance,
      maxBytes,
      await claimInstance(directory, instance),
    );
    await journal.adopt();
    return journal;
  }

  /** Bytes on disk, those drained and not yet given back included. */
  get bytes(): number {
    return this.files.reduce((sum, { size }) => sum + size, 0);
  }

  get hasPending(): boolean {
    return this.files.some(({ isDrained }) => !isDrained);
  }

  /** Keeps `events`, by one write where a file takes them all; else by halves, so that none is lost for another's sake. */
  append(events: readonly RequestEvent[]): Appended {
    try {
      const lines = writeJournalLines(events);
      const isOneWrite = events.length === 1 || lines.length <= this.largestFile;
      if (isOneWrite && this.bytes + lines.length <= this.maxBytes) {
        this.fileFor(lines.length).append(lines, events);
        return { lost: 0 };
      }
      if (events.length === 1) return { lost: 1 };
    } catch (fault) {
      if (events.length === 1) return { lost: 1, fault };
    }
    const middle = events.length >> 1;
    const first = this.append(events.slice(0, middle));
    const second = this.append(events.slice(middle));
    return { lost: first.lost + second.lost, fault: first.fault ?? second.fault };
  }

  /** The oldest events that are not confirmed, a batch of them at most; null where there are none. */
  async next(): Promise<PendingBatch | null> {
    await this.removeDrained();
    const file = this.files.find(({ isDrained }) => !isDrained);
    if (file === undefined) return null;
    const others = this.files.some((other) => other !== file && !other.isDrained);
    const batch = await file.read();
    return { file, ...batch, isLast: batch.isLast && !others };
  }

  /** The events of `batch` are in the database. */
  async confirm({ file, end }: PendingBatch): Promise<void> {
    file.confirm(end);
    await this.removeDrained();
  }

  /** Keeps a line apart from those that wait for the database, up to the size of a file; gives the path of where it is. */
  async setAside(line: string): Promise<string> {
    const path = join(this.directory, SET_ASIDE);
    const size = (await sizeOf(path)) ?? 0;
    if (size + line.length <= LARGEST_FILE_BYTES) await appendFile(path, `${line}\n`, { mode: 0o600 });
    return path;
  }

  /** Takes over the files of processes that have ended; gives their number. */
  async adopt(): Promise<number> {
    const known = new Set(this.files.map(({ path }) => path));
    const alive = new Map<string, boolean>([[this.instance, true]]);
    let adopted = 0;
    for (const name of (await readdir(this.directory)).sort()) {
      const owner = FILE_NAME.exec(name)?.[1];
      const path = join(this.directory, name);
      if (owner === undefined || known.has(path)) continue;
      if (!alive.has(owner)) alive.set(owner, await isInstanceAlive(this.directory, owner));
      if (alive.get(owner) === true) continue;
      const size = await sizeOf(path);
      if (size === undefined) continue;
      this.files.unshift(JournalFile.leftover(path, size));
      adopted += 1;
    }
    return adopted;
  }

  /** Closes what is open and gives the files free: those not drained are the next process's to take over. */
  async close(): Promise<void> {
    for (const file of this.files) file.close();
    await this.removeDrained();
    await this.giveUpClaim();
  }

  /** An open file is given back only once another follows it: it must never be most of the budget. */
  private get largestFile(): number {
    return Math.min(LARGEST_FILE_BYTES, this.maxBytes / FILES_IN_BUDGET);
  }

  private fileFor(bytes: number): JournalFile {
    const last = this.files.at(-1);
    if (last?.isOpen === true) {
      if (last.size === 0 || last.size + bytes <= this.largestFile) return last;
      last.close();
    }
    this.written += 1;
    const file = JournalFile.create(join(this.directory, `${this.instance}-${this.written}.ndjson`));
    this.files.push(file);
    return file;
  }

  private async removeDrained(): Promise<void> {
    const done = this.files.filter((file) => !file.isOpen && file.isDrained);
    if (done.length === 0) return;
    this.files = this.files.filter((file) => !done.includes(file));
    await Promise.all(done.map((file) => file.remove()));
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
