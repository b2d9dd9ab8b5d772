import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** Both ends of what goes through the link. */
interface Passage {
  client: Socket;
  upstream: Socket;
  /** What the client has sent. */
  said: string;
}

/** A TCP link to `target` that a test can cut or let hang, to see what an outage does. */
export class UnreliableLink {
  private readonly passages = new Set<Passage>();
  private state: 'up' | 'cut' | 'hanging' = 'up';

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  static async open(target: string): Promise<UnreliableLink> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const link = new UnreliableLink(server, new URL(target));
    server.on('connection', (socket) => link.accept(socket));
    return link;
  }

  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  /** Ends what is connected and refuses what comes. */
  cut(): void {
    this.state = 'cut';
    for (const { client, upstream } of this.passages) {
      client.destroy();
      upstream.destroy();
    }
  }

  /** Keeps connections and passes nothing on, as a process that was stopped. */
  hang(): void {
    this.state = 'hanging';
    for (const passage of this.passages) freeze(passage);
  }

  /** Goes on where it hung, with all that was sent meanwhile. */
  thaw(): void {
    this.state = 'up';
    for (const { client, upstream } of this.passages) {
      client.resume();
      upstream.resume();
    }
  }

  /** Lets the connections hang on which `text` was sent, for ever, and no others; gives their number. */
  hangThoseThatSaid(text: string): number {
    const hanging = [...this.passages].filter(({ said }) => said.includes(text));
    for (const passage of hanging) freeze(passage);
    return hanging.length;
  }

  /** What hung is lost; new connections go through. */
  restore(): void {
    this.cut();
    this.state = 'up';
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((done) => this.server.close(() => done()));
  }

  private accept(client: Socket): void {
    if (this.state === 'cut') {
      client.destroy();
      return;
    }
    const upstream = connect(Number(this.target.port || 5432), this.target.hostname);
    const passage: Passage = { client, upstream, said: '' };
    this.passages.add(passage);
    client.on('data', (chunk) => (passage.said += chunk.toString('latin1')));
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.passages.delete(passage);
        to.destroy();
      });
    }
    if (this.state === 'hanging') freeze(passage);
  }
}

function freeze({ client, upstream }: Passage): void {
  client.pause();
  upstream.pause();
}
