import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { anthropicDialect } from './anthropic.dialect.js';
import type { AskedRequest, Dialect } from './dialect.js';
import { geminiDialect } from './gemini.dialect.js';
import { openaiDialect } from './openai.dialect.js';
import { playScript } from './play-script.js';
import { vendorProblem } from './vendor-rules.js';
import { UpstreamCall } from './upstream-call.js';
import { status } from './upstream-script.js';
import type { FakeAnswer, FakeUsage, Script } from './upstream-script.js';

/** Tokens that left as reported usage, summed over all answers. */
export interface Bill {
  answers: number;
  promptTokens: number;
  completionTokens: number;
}

/**
 * An upstream that speaks OpenAI's, Anthropic's and Gemini's dialects on one loopback port, told apart by the path, and
 * misbehaves as told. A request that the real vendor refuses is refused (`vendorProblem`). Each other POST takes the next script of the queue, else the default; each GET likewise from its own.
 */
export class FakeUpstream {
  readonly #server: Server;
  readonly #sockets = new Map<Socket, number>();
  readonly #queue: Script[] = [];
  readonly #getQueue: Script[] = [];
  #default: Script = {};
  #choose: ((request: AskedRequest) => Script) | null = null;
  #defaultGet: Script | null = null;
  #port = 0;
  #connections = 0;
  /** Every request since the start or `clear`, in order of arrival, GETs included. */
  readonly calls: UpstreamCall[] = [];
  bill: Bill = { answers: 0, promptTokens: 0, completionTokens: 0 };
  /** What was billed for each of these answers, in their order. */
  readonly billed: FakeUsage[] = [];

  private constructor() {
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      this.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.set(socket, ++this.#connections);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(): Promise<FakeUpstream> {
    const upstream = new FakeUpstream();
    await upstream.acceptConnections();
    return upstream;
  }

  /** Origin; also the base URL for Anthropic and Gemini. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Base URL for OpenAI and what is compatible with it. */
  get openaiUrl(): string {
    return `${this.url}/v1`;
  }

  get port(): number {
    return this.#port;
  }

  /** Connections open now. */
  get openConnections(): number {
    return this.#sockets.size;
  }

  /** Connections accepted so far. */
  get connections(): number {
    return this.#connections;
  }

  /** How a POST is answered while the queue is empty. */
  default(script: Script | FakeAnswer): this {
    this.#default = asScript(script);
    return this;
  }

  /** Decides by the request how a POST is answered while the queue is empty; null gives that back to the default. */
  defaultBy(choose: ((request: AskedRequest) => Script) | null): this {
    this.#choose = choose;
    return this;
  }

  /** Appends to the queue, one script for each POST to come. */
  next(...scripts: (Script | FakeAnswer)[]): this {
    this.#queue.push(...scripts.map(asScript));
    return this;
  }

  /** How a GET is answered while its queue is empty; null is the vendor's models. */
  defaultGet(script: Script | null): this {
    this.#defaultGet = script;
    return this;
  }

  nextGet(...scripts: Script[]): this {
    this.#getQueue.push(...scripts);
    return this;
  }

  /** Forgets the scripts, the journal and the bill. */
  clear(): void {
    this.#queue.length = 0;
    this.#getQueue.length = 0;
    this.calls.length = 0;
    this.#default = {};
    this.#choose = null;
    this.#defaultGet = null;
    this.bill = { answers: 0, promptTokens: 0, completionTokens: 0 };
    this.billed.length = 0;
  }

  /** The last request; throws when there was none. */
  get lastCall(): UpstreamCall {
    const last = this.calls.at(-1);
    if (last === undefined) throw new Error('the upstream got no request');
    return last;
  }

  /** Resolves with the request of that ordinal (from 1) once it has arrived. */
  async arrival(ordinal: number): Promise<UpstreamCall> {
    for (;;) {
      const call = this.calls[ordinal - 1];
      if (call !== undefined) return call;
      await new Promise((resolve) => this.#server.once('arrival', resolve));
    }
  }

  /** Closes the port and every connection: from now on connecting is refused. */
  async refuseConnections(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets.keys()) socket.destroy();
    await closed;
  }

  /** Opens the same port again. */
  async acceptConnections(): Promise<void> {
    if (this.#server.listening) return;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    await this.refuseConnections();
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const rawBody = await readAll(incoming);
    const path = incoming.url ?? '/';
    const request: AskedRequest = { path, rawBody, body: parsed(rawBody) };
    const dialect = dialectOf(incoming);
    const call = new UpstreamCall(
      incoming.method ?? 'GET',
      path,
      incoming.headers,
      rawBody,
      request.body,
      dialect.name,
      dialect.streams(request),
      this.#sockets.get(incoming.socket) ?? 0,
    );
    response.on('close', () => call.close(response.writableFinished ? 'finished' : 'aborted'));
    const script = this.#scriptFor(call.method, request, dialect);
    this.calls.push(call);
    this.#server.emit('arrival');
    await playScript(script, { dialect, request, call, response, bill: (usage) => this.#charge(usage) });
  }

  #scriptFor(method: string, request: AskedRequest, dialect: Dialect): Script {
    if (method !== 'GET') {
      const problem = vendorProblem(dialect.name, request);
      if (problem !== undefined) return status(400, { message: problem });
      return this.#queue.shift() ?? this.#choose?.(request) ?? this.#default;
    }
    return (
      this.#getQueue.shift() ??
      this.#defaultGet ?? { body: JSON.stringify(dialect.get(request.path.split('?')[0] ?? '')) }
    );
  }

  #charge(usage: FakeUsage): void {
    this.billed.push(usage);
    this.bill.answers += 1;
    this.bill.promptTokens += usage.prompt;
    this.bill.completionTokens += usage.completion;
  }
}

const SCRIPT_FIELDS: ReadonlySet<string> = new Set<keyof Script>([
  'answer',
  'delayMs',
  'eventDelayMs',
  'status',
  'reason',
  'message',
  'headers',
  'body',
  'fault',
  'inject',
  'withoutTerminator',
  'dripBytes',
  'coding',
]);

function asScript(given: Script | FakeAnswer): Script {
  return Object.keys(given).every((key) => SCRIPT_FIELDS.has(key))
    ? (given as Script)
    : { answer: given as FakeAnswer };
}

function dialectOf(request: IncomingMessage): Dialect {
  const path = request.url ?? '';
  if (path.includes('/v1beta/') || /:(stream)?generateContent/i.test(path)) return geminiDialect;
  if (path.includes('/messages') || request.headers['anthropic-version'] !== undefined)
    return anthropicDialect;
  return openaiDialect;
}

async function readAll(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {}; // The journal keeps the raw text beside it.
  }
}
