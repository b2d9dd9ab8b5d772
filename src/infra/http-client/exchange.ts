import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { endOfTurn } from '../time/end-of-turn.js';
import { BodyDecoder, codingOf, isGzip } from './body-decoder.js';
import { LeanBody, type BodySource } from './lean-body.js';
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

/** One request and its answer, as undici's dispatcher drives it; the body asks it to wait and to go on. */
export class Exchange implements Dispatcher.DispatchHandler, BodySource {
  readonly #options: ExchangeOptions;
  readonly #onAbort: () => void;
  #controller: Dispatcher.DispatchController | null = null;
  #body: LeanBody | null = null;
  /** The content coding that the answer names. */
  #coding: string | undefined;
  /** Undoes it; null where there is none, undefined before the first bytes have come. */
  #decoder: BodyDecoder | null | undefined;
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
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: IncomingHttpHeaders,
    statusMessage?: string,
  ): void {
    if (statusCode < 200) return;
    const { url, maxBodyBytes, resolve } = this.#options;
    this.#body = new LeanBody(this, maxBodyBytes);
    this.#coding = codingOf(headers['content-encoding']);
    const response = new LeanResponse(statusCode, statusMessage ?? '', url, headers, this.#body);
    void endOfTurn().then(() => resolve(response));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#decoder === undefined) this.#decoder = this.#decoderFor(chunk);
    (this.#decoder ?? this.#body)?.push(chunk);
  }

  onResponseEnd(): void {
    this.#settled();
    (this.#decoder ?? this.#body)?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settled();
    const failure = isOurFault(error)
      ? new TypeError('a header, the method or the path of the request holds what HTTP does not allow')
      : connectionFailure(error, this.#options.host);
    if (this.#body !== null) (this.#decoder ?? this.#body).fail(failure);
    else this.#options.reject(failure);
  }

  pause(): void {
    (this.#decoder ?? this.#controller)?.pause();
  }

  resume(): void {
    (this.#decoder ?? this.#controller)?.resume();
  }

  abort(): void {
    this.#settled();
    this.#decoder?.destroy();
    this.#controller?.abort(new TransportAbortedError());
  }

  #decoderFor(first: Buffer): BodyDecoder | null {
    const body = this.#body;
    const controller = this.#controller;
    const coding = this.#coding;
    if (body === null || controller === null || (coding === undefined && !isGzip(first))) return null;
    const connection = {
      pause: () => controller.pause(),
      resume: () => controller.resume(),
      abort: () => this.abort(),
    };
    return new BodyDecoder(coding, connection, body);
  }

  #abort(): void {
    this.#aborted = true;
    this.#decoder?.destroy();
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
