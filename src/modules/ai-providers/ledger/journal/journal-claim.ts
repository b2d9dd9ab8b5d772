import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { platform } from 'node:process';

/** `sun_path` holds 104 bytes on macOS, 108 on Linux, the final NUL included. */
const LONGEST_SOCKET_PATH = 103;

/**
 * Says for as long as this process lives that the files of `instance` in `directory` are still written to. The claim is
 * a listening socket, which the system closes with its process: neither `kill -9` nor a reused pid misleads. Must stand
 * before the first file does. The returned function gives it up.
 */
export async function claimInstance(directory: string, instance: string): Promise<() => Promise<void>> {
  const server = createServer((socket) => socket.destroy());
  const path = claimPath(directory, instance);
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    // In a worker of `node:cluster` the primary would otherwise hold the socket, beyond the worker's end.
    server.listen({ path, exclusive: true }, done);
  });
  server.unref();
  return async () => {
    await new Promise<void>((done) => server.close(() => done()));
  };
}

/** Whether the process of `instance` lives. Only a plain refusal says that it does not; its claim is then removed. */
export async function isInstanceAlive(directory: string, instance: string): Promise<boolean> {
  const path = claimPath(directory, instance);
  const alive = await new Promise<boolean>((done) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      done(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    );
  });
  if (!alive && platform !== 'win32') await rm(path, { force: true });
  return alive;
}

function claimPath(directory: string, instance: string): string {
  const key = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  if (platform === 'win32') return `\\\\.\\pipe\\ai-providers-journal-${key}-${instance}`;
  const path = join(directory, `${instance}.sock`);
  return Buffer.byteLength(path) <= LONGEST_SOCKET_PATH
    ? path
    : join(tmpdir(), `aip-${key}-${instance}.sock`);
}
