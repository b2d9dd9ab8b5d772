import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export const WEBHOOK_SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes, ok').toString('base64')}`;

export interface ReceivedMessage<T> {
  id: string;
  type: string;
  data: T;
}

/** A receiver that verifies each message, and refuses the first as often as it is told to. */
export class WebhookReceiver<T> {
  readonly taken: ReceivedMessage<T>[] = [];
  readonly refused: string[] = [];
  private readonly server: Server;

  private constructor(private refusals: number) {
    this.server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const id = String(request.headers['webhook-id']);
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        );
        const body = Buffer.concat(parts).toString();
        const message = new Webhook(WEBHOOK_SECRET).verify(body, headers) as Omit<ReceivedMessage<T>, 'id'>;
        if (this.refusals-- > 0) {
          this.refused.push(id);
          response.writeHead(503).end();
        } else {
          this.taken.push({ id, ...message });
          response.writeHead(204).end();
        }
      });
    });
  }

  static async start<T>(refusals: number): Promise<WebhookReceiver<T>> {
    const receiver = new WebhookReceiver<T>(refusals);
    await new Promise<void>((done) => receiver.server.listen(0, '127.0.0.1', done));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hooks?token=hush`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
