import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { EventStreamWriter } from './event-stream.writer.js';

const EVENT = `data: ${'x'.repeat(256 * 1024)}\n\n`;
const PATIENCE_MS = 150;

describe('EventStreamWriter', () => {
  let server: Server;
  let reader: Socket;
  let response: ServerResponse;

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    reader = connect((server.address() as AddressInfo).port, '127.0.0.1');
    reader.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  });

  afterEach(() => {
    reader.destroy();
    server.close();
  });

  it('cuts off a reader who has stopped reading, so that whoever writes goes on', async () => {
    reader.pause();
    const writer = new EventStreamWriter(response, 60_000, PATIENCE_MS);
    const startedAt = performance.now();
    for (let count = 0; count < 200 && !response.destroyed; count++) await writer.write(EVENT);
    writer.end();
    expect(response.destroyed).toBe(true);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(PATIENCE_MS);
  });

  it('waits for one who comes back', async () => {
    reader.pause();
    const writer = new EventStreamWriter(response, 60_000, 30_000);
    let written = 0;
    const writing = (async () => {
      for (; written < 100; written++) await writer.write(EVENT);
    })();
    await eventually(() => response.writableNeedDrain);
    reader.resume();
    await writing;
    const finished = once(response, 'finish');
    writer.end();
    await finished;
    expect(written).toBe(100);
  });
});

async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
