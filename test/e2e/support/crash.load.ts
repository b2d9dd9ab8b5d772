const CALLERS = 8;

/** Callers that ask, one request after another, plain and streamed, while processes are killed. */
export class CrashLoad {
  /** Ids of the requests whose callers have had a whole answer. */
  readonly answered = new Set<string>();
  /** Requests whose connection broke. */
  broken = 0;
  private serial = 0;
  private stopped = false;

  /** @param name begins the ids of its requests: those of two loads must not be taken for one another */
  constructor(
    private readonly headers: Record<string, string> = {},
    private readonly name = 'crash',
  ) {}

  /** Asks until nobody is there any more. */
  async untilGone(url: string): Promise<void> {
    this.stopped = false;
    await this.run(url, () => (this.stopped = true));
  }

  /** Asks until `stop`, whatever happens to connections. */
  async untilStopped(url: string): Promise<void> {
    this.stopped = false;
    await this.run(url, () => undefined);
  }

  stop(): void {
    this.stopped = true;
  }

  private async run(url: string, onBroken: () => void): Promise<void> {
    const ask = async (stream: boolean): Promise<void> => {
      while (!this.stopped) {
        try {
          await this.ask(url, stream);
        } catch (error) {
          // What fetch throws when the process is gone; the tests' own TypeError is another one.
          if ((error as Error).name !== 'TypeError') throw error;
          this.broken += 1;
          onBroken();
        }
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, (_, index) => ask(index % 2 === 0)));
  }

  private async ask(url: string, stream: boolean): Promise<void> {
    const id = `${this.name}-${++this.serial}`;
    const response = await fetch(`${url}/ai-providers/complete`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.headers, 'x-request-id': id },
      body: JSON.stringify({ prompt: id, stream }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`Unexpected ${response.status}: ${text}`);
    if (!stream || text.endsWith('data: [DONE]\n\n')) this.answered.add(id);
  }
}
