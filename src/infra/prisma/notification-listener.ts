import pg from 'pg';

const CONNECT_MS = 2_000;
const FIRST_RECONNECT_MS = 100;
const LONGEST_RECONNECT_MS = 5_000;

/**
 * Listens on a channel of a PostgreSQL server, on a connection of its own that is made anew whenever it is lost. What is
 * notified meanwhile is lost: a user of the listener needs another way to find out.
 */
export class NotificationListener {
  private client: pg.Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private reconnectMs = FIRST_RECONNECT_MS;
  private stopped = false;

  constructor(
    private readonly connection: pg.ClientConfig,
    private readonly channel: string,
    private readonly onNotification: () => void,
  ) {}

  start(): void {
    const client = new pg.Client({
      ...this.connection,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: CONNECT_MS,
      keepAlive: true,
    });
    this.client = client;
    client.on('error', () => this.lost(client));
    client.on('end', () => this.lost(client));
    client.on('notification', () => this.onNotification());
    client
      .connect()
      .then(() => client.query(`LISTEN ${pg.escapeIdentifier(this.channel)}`))
      .then(
        () => {
          this.reconnectMs = FIRST_RECONNECT_MS;
        },
        () => this.lost(client),
      );
  }

  /** Takes a new connection: this one may hang without any error. */
  renew(): void {
    if (this.client !== undefined) this.lost(this.client);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    if (this.client !== undefined) this.lost(this.client);
  }

  private lost(client: pg.Client): void {
    if (this.client !== client) return;
    this.client = undefined;
    // Not awaited: a server that hangs never acknowledges the end.
    client.end().catch(() => undefined);
    if (this.stopped) return;
    this.timer = setTimeout(() => this.start(), this.reconnectMs);
    this.reconnectMs = Math.min(this.reconnectMs * 2, LONGEST_RECONNECT_MS);
  }
}
