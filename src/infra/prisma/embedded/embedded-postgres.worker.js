// JavaScript, because a worker thread is started from a file and the tests start it from the source.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

/**
 * Opens the cluster in `directory`. A new one is made beside it and renamed when it is whole, so that a process killed
 * while making it leaves nothing that looks like a database.
 *
 * @param {string} directory
 */
async function openCluster(directory) {
  if (!existsSync(join(directory, 'PG_VERSION'))) {
    if (existsSync(directory) && readdirSync(directory).length > 0) {
      throw new Error('the directory holds something else than a database');
    }
    const fresh = `${directory}.new`;
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh, { mode: 0o700 });
    await (await PGlite.create(fresh)).close();
    renameSync(fresh, directory);
  }
  return PGlite.create(directory);
}

try {
  const { directory, path, host } = workerData;
  const db = directory === null ? await PGlite.create() : await openCluster(directory);
  const listen = path === undefined ? { host, port: 0 } : { path };
  // Our pool uses one connection; the second place is for its successor while the server still sees the first.
  const server = new PGLiteSocketServer({ db, ...listen, maxConnections: 2 });
  await server.start();
  parentPort.once('message', async () => {
    await server.stop();
    await db.close();
    parentPort.close();
  });
  parentPort.postMessage({ ready: true, address: server.getServerConn() });
} catch (error) {
  parentPort.postMessage({ ready: false, reason: error instanceof Error ? error.message : String(error) });
  parentPort.close();
}
