import { createHash, randomBytes, randomInt } from 'node:crypto';
import { mkdir, readdir, realpath, rename, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { join, relative } from 'node:path';
import { pid, platform } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Two that start at the same moment both step back; after this many rounds the directory is taken. */
const ROUNDS = 6;

/** `sun_path` holds 104 bytes on macOS, 108 on Linux, the final NUL included. */
const LONGEST_SOCKET_PATH = 103;

/** Within the directory: where the claims are, and whatever else is its holder's alone; of mode 0700. */
export const LOCK_DIRECTORY = 'postgres.lock';

/** A directory held by this process until it releases it or ends, however it ends. */
export interface DirectoryLock {
  release(): Promise<void>;
}

/**
 * Takes `directory` for this process alone, or throws an Error of one line that names the holder.
 *
 * The claim is a listening socket, which the system closes with its process: a claim that answers is alive, one that
 * refuses is left over and swept away, so neither `kill -9` nor a reused pid misleads. A claim is never taken over. Each
 * process first makes its own and then looks for others, so of two at once at least one sees the other and steps back.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const claims = join(directory, LOCK_DIRECTORY);
  await mkdir(claims, { recursive: true, mode: 0o700 });
  if (platform === 'win32') return lockByPipe(directory);
  for (let round = 1; ; round += 1) {
    const name = `${pid}-${randomBytes(6).toString('hex')}.sock`;
    const claim = await makeClaim(claims, name);
    const other = await findLiveClaim(claims, name);
    if (other === undefined) return claim;
    await claim.release();
    if (round === ROUNDS) throw inUse(directory, `process ${other.split('-')[0]}`);
    await sleep(randomInt(20, 200));
  }
}

/** The socket gets its name only once it listens: before that it would look like one left over. */
async function makeClaim(claims: string, name: string): Promise<DirectoryLock> {
  const unnamed = join(claims, `${name}.new`);
  const server = await listen(shortPath(unnamed));
  await rename(unnamed, join(claims, name));
  return {
    release: async () => {
      await rm(join(claims, name), { force: true });
      await close(server);
    },
  };
}

async function findLiveClaim(claims: string, own: string): Promise<string | undefined> {
  for (const name of await readdir(claims)) {
    if (name === own || !name.endsWith('.sock')) continue;
    const path = join(claims, name);
    if (await isAlive(shortPath(path))) return name;
    await rm(path, { force: true });
  }
  return undefined;
}

/** Only a refused connection proves that no process listens; after any other failure the claim counts as alive. */
async function isAlive(path: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      done(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}

/** Windows lets one process listen on a named pipe and frees the name with it. */
async function lockByPipe(directory: string): Promise<DirectoryLock> {
  const key = createHash('sha256')
    .update((await realpath(directory)).toLowerCase())
    .digest('hex');
  try {
    const server = await listen(`\\\\.\\pipe\\ai-providers-${key.slice(0, 32)}`);
    return { release: () => close(server) };
  } catch {
    throw inUse(directory, 'another process');
  }
}

async function listen(path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen({ path, exclusive: true }, done);
  });
  server.unref();
  return server;
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((done) => server.close(() => done()));
}

function shortPath(path: string): string {
  if (Buffer.byteLength(path) <= LONGEST_SOCKET_PATH) return path;
  const fromHere = relative('.', path);
  if (Buffer.byteLength(fromHere) <= LONGEST_SOCKET_PATH) return fromHere;
  throw new Error(`The path of the data directory is too long for a socket in it: ${path}`);
}

function inUse(directory: string, holder: string): Error {
  return new Error(
    `The embedded database in ${directory} is in use by ${holder}; stop it, or set AI_DATA_DIR or DATABASE_URL`,
  );
}
