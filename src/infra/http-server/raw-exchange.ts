import type { IncomingMessage, ServerResponse } from 'node:http';
import { v4 as uuid } from 'uuid';
import { AbortSource } from '../cancellation/abort-source.js';

/** A request or response of Fastify, which wraps Node's, or of Express, which is Node's. */
export type HostRequest = IncomingMessage | { raw: IncomingMessage };
export type HostResponse = ServerResponse | FastifyLikeReply;

interface FastifyLikeReply {
  raw: ServerResponse;
  hijack(): unknown;
  header(name: string, value: string): unknown;
  getHeader(name: string): number | string | string[] | undefined;
  /** All that it and `raw` have, as an object of the caller's own. */
  getHeaders(): Record<string, number | string | string[] | undefined>;
}

/** What a caller may choose as a request id: short, and harmless in a log and in a header. */
const ACCEPTABLE_ID = /^[\w.:/+=@-]{1,128}$/;

/** What Fastify numbers requests with where the host says nothing: unique in one process alone. */
const FASTIFY_ID = /^req-[0-9a-z]+$/;

const REQUEST_ID_HEADER = 'x-request-id';

/** Node's own request, whichever framework hosts us. */
export function rawRequest(request: HostRequest): IncomingMessage {
  return 'raw' in request ? request.raw : request;
}

/** What the framework has parsed of its body. */
export function parsedBody(request: HostRequest): unknown {
  return (request as { body?: unknown }).body;
}

/** Node's own response, to look at or for its status; the framework still answers. */
export function rawResponse(response: HostResponse): ServerResponse {
  return 'raw' in response ? response.raw : response;
}

/** Gives the response a header, where its framework keeps them until they are sent. */
export function setHeader(response: HostResponse, name: string, value: string): void {
  if ('raw' in response) response.header(name, value);
  else response.setHeader(name, value);
}

/**
 * Sends the status and the head, the headers that the response has been given so far and these, and takes it over from
 * its framework. Gives Node's own response for the body.
 */
export function begin(response: HostResponse, headers: Record<string, string>, status = 200): ServerResponse {
  const raw = rawResponse(response);
  if (!('raw' in response)) {
    raw.writeHead(status, headers);
    return raw;
  }
  for (const name of Object.keys(headers)) response.header(name, headers[name] ?? '');
  // Together: Node checks and keeps each that is set on its response by itself.
  raw.writeHead(status, response.getHeaders());
  response.hijack();
  return raw;
}

/**
 * The id of this exchange; the response carries it from now on. It is the one that the host application has given it, as
 * the header of the response or as `id` of the request, else the caller's, else a new one.
 */
export function requestIdOf(request: HostRequest, response: HostResponse): string {
  const known = response.getHeader(REQUEST_ID_HEADER);
  if (typeof known === 'string') return known;
  const raw = rawRequest(request);
  const ofCaller = raw.headers[REQUEST_ID_HEADER];
  const id = idOf(request) ?? idOf(raw) ?? (isAcceptableId(ofCaller) ? ofCaller : uuid());
  if (!rawResponse(response).headersSent) setHeader(response, REQUEST_ID_HEADER, id);
  return id;
}

/**
 * A signal that is aborted when nobody waits for the response any more: the caller has hung up, or the host has answered in
 * our place, as a middleware for timeouts does. An abort after our own answer has no effect.
 */
export function hangUpSignal(response: ServerResponse): AbortSource {
  const source = new AbortSource();
  response.once('close', () => source.abort());
  if (response.destroyed) source.abort();
  return source;
}

function isAcceptableId(id: unknown): id is string {
  return typeof id === 'string' && ACCEPTABLE_ID.test(id);
}

/** What a host has called a request; middleware of a Fastify host calls Node's own request so. */
function idOf(request: object): string | undefined {
  const { id } = request as { id?: unknown };
  return isAcceptableId(id) && !FASTIFY_ID.test(id) ? id : undefined;
}
