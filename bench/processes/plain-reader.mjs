// Sends the same request over and over on bare sockets, each connection one at a time, and takes what every one waited. All
// connections have had an answer before it counts: libuv takes in one new connection a turn of the event
// loop, so that under load the last of many waits for all others, which says nothing about a connection that is open.
import { connect } from 'node:net';

const STATUS_OK = 'HTTP/1.1 200';
const HEAD_END = '\r\n\r\n';

process.on('message', (job) => {
  run(job).then(
    (result) => process.send(result),
    (error) => process.send({ error: error.message }),
  );
});

/** Gives the waits in ms of all requests in `seconds`, and how long it took until every connection had its first answer. */
async function run({ port, path, headers, body, connections, seconds }) {
  const request = Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n` +
      Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('') +
      `content-length: ${Buffer.byteLength(body)}${HEAD_END}${body}`,
  );
  const callers = Array.from({ length: connections }, () => new Caller(port, request));
  try {
    const startedAt = performance.now();
    await Promise.all(callers.map((caller) => caller.ask()));
    const allAnsweredMs = performance.now() - startedAt;
    const until = performance.now() + seconds * 1000;
    const waits = await Promise.all(callers.map((caller) => caller.askUntil(until)));
    return { allAnsweredMs, waitsMs: waits.flat() };
  } finally {
    for (const caller of callers) caller.close();
  }
}

class Caller {
  constructor(port, request) {
    this.request = request;
    this.socket = connect(port, '127.0.0.1').setNoDelay(true);
    this.socket.on('data', (bytes) => this.take(bytes));
    this.socket.on('error', (error) => this.reject(error));
    this.socket.on('close', () => this.reject(new Error('a connection was closed')));
  }

  /** Resolves when the answer is whole. */
  ask() {
    this.received = '';
    const answered = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
    this.socket.write(this.request);
    return answered;
  }

  async askUntil(until) {
    const waits = [];
    for (let sentAt = performance.now(); sentAt < until; sentAt = performance.now()) {
      await this.ask();
      waits.push(performance.now() - sentAt);
    }
    return waits;
  }

  take(bytes) {
    this.received += bytes.toString('latin1');
    const bodyAt = this.received.indexOf(HEAD_END) + HEAD_END.length;
    if (bodyAt < HEAD_END.length) return;
    if (!this.received.startsWith(STATUS_OK)) this.reject(new Error(this.received.slice(0, 600)));
    const length = Number(/^content-length: (\d+)/im.exec(this.received)[1]);
    if (this.received.length === bodyAt + length) this.resolve();
  }

  close() {
    this.reject = () => undefined;
    this.socket.destroy();
  }
}

process.send({ ready: true });
