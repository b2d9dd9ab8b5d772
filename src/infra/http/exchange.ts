import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { endOfTurn } from '../time/end-of-turn.js';
import { LeanBody } from './lean-body.js';
import { LeanResponse } from './lean-response.js';
import { connectionFailure, TransportAbortedError } from './transport.error.js';

interface ExchangeOptions {
  url: string;
  /** `host:port`, for messages. */
  host: string;
  maxBodyBytes: number;
  signal: AbortSignal | undefined;
  resolve: (response: LeanResponse) => void;
  reject: (error: Error) => void;
}

/** One request and its answer, as undici's dispatcher drives it. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions;
  readonly #onAbort: () => void;
  #controller: Dispatcher.DispatchController | null = null;
  #body: LeanBody | null = null;
  #aborted = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#onAbort = () => this.#abort();
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // The signal may have aborted while the connection was being made; the caller has its answer already.
    if (this.#aborted) controller.abort(new TransportAbortedError());
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: IncomingHttpHeaders,
    statusMessage?: string,
  ): void {
    if (statusCode < 200) return;
    const { url, maxBodyBytes, resolve } = this.#options;
    const source = {
      pause: () => controller.pause(),
      resume: () => controller.resume(),
      abort: () => {
        this.#settled();
        controller.abort(new TransportAbortedError());
      },
    };
    this.#body = new LeanBody(source, maxBodyBytes);
    const response = new LeanResponse(statusCode, statusMessage ?? '', url, headers, this.#body);
    void endOfTurn().then(() => resolve(response));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body?.push(chunk);
  }

  onResponseEnd(): void {
    this.#settled();
    this.#body?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settled();
    const failure = isOurFault(error)
      ? new TypeError('a header, the method or the path of the request holds what HTTP does not allow')
      : connectionFailure(error, this.#options.host);
    if (this.#body !== null) this.#body.fail(failure);
    else this.#options.reject(failure);
  }

  #abort(): void {
    this.#aborted = true;
    const error = new TransportAbortedError(this.#options.signal?.reason);
    this.#body?.fail(error, true);
    this.#options.reject(error);
    this.#controller?.abort(error);
  }

  #settled(): void {
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
  }
}

/** undici refuses what cannot be written as HTTP; its own text may quote it, so ours does not. */
function isOurFault(error: Error): boolean {
  return (error as { code?: unknown }).code === 'UND_ERR_INVALID_ARG';
}
