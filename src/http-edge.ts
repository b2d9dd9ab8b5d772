import type { IncomingMessage } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AccessKeys } from './infra/access/access-keys.js';
import type { RouteAccess } from './infra/access/access.decorators.js';
import type { AppConfig } from './infra/config/app-config.interface.js';
import { requestIdOf } from './infra/http-server/raw-exchange.js';
import { endOfTurn } from './infra/time/end-of-turn.js';
import { AIError } from './modules/ai-providers/errors/ai.error.js';
import { toHttpErrorBody } from './modules/ai-providers/errors/to-http-error.js';
import { toOpenAIError } from './modules/openai-compat/openai.error.js';

/** What stays open to anyone: the orchestrators' probes. */
const OPEN_PATHS = /^\/api\/health\/(?:live|ready)(?:[?#]|$)/;

const DOCS_PATHS = /^\/api\/docs(?:[-/?#]|$)/;

/** Where errors are told in OpenAI's form. */
const OPENAI_PATHS = /^\/api\/ai-providers\/v1\//;

/** Answers what Fastify refuses before there is a route, such as a path that is no URL, in the one form of error. */
export function answerFrameworkError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  send(
    new AIError('VALIDATION_FAILED', 'The path is not of the form of a URL, or a part of it is too long', {
      cause: error,
    }),
    request,
    reply,
  );
}

/**
 * Gives every exchange its id, and refuses whoever has no key before the body is read; what a key may do is decided by
 * the guard at the route. The documentation has no route of ours, and is decided here.
 */
export function refuseStrangers(fastify: FastifyInstance, { http }: AppConfig): void {
  const keys = new AccessKeys(http.accessKeys);
  fastify.addHook('onRequest', async (request, reply) => {
    await endOfTurn();
    requestIdOf(request, reply);
    const verdict = keys.judge(request.raw, accessOf(request.url));
    if (verdict.kind === 'allowed') return;
    if (verdict.kind === 'forbidden') {
      const message = 'The documentation needs a key of the role monitor or admin';
      send(new AIError('FORBIDDEN', message), request, reply);
    } else {
      const message = 'A valid key is needed: Authorization: Bearer … or x-api-key';
      reply.header('www-authenticate', 'Bearer');
      send(new AIError('UNAUTHENTICATED', message), request, reply);
    }
    return reply;
  });
}

/** A body this many times the limit is not even read to its end. */
const DRAINED_TIMES_LIMIT = 4;

/**
 * Reads JSON bodies. One over the limit is read on, unkept, before it is refused: a caller who is cut off while writing
 * would see a broken connection in place of the 413. An empty one is none: clients that send
 * `content-type: application/json` with every request send it with a bodiless DELETE too.
 */
export function readJsonBodies(fastify: FastifyInstance, { http }: AppConfig): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeContentTypeParser(['application/json', 'text/plain']);
  fastify.addContentTypeParser('application/json', (request, payload, done) => {
    readText(payload, http.bodyLimitBytes, (error, text) => {
      if (error) done(error);
      else if (text === '') done(null, undefined);
      else void endOfTurn().then(() => parse(request, text, done));
    });
  });
}

function readText(
  payload: IncomingMessage,
  limit: number,
  done: (error: Error | null, text: string) => void,
): void {
  const kept: Buffer[] = [];
  let size = 0;
  const end = (error: Error | null): void => {
    payload.off('data', take).off('end', finish).off('error', end);
    const [only] = kept;
    const whole = only !== undefined && kept.length === 1 ? only : Buffer.concat(kept);
    done(error, error ? '' : whole.toString('utf8'));
  };
  const finish = (): void =>
    end(size > limit ? new AIError('PAYLOAD_TOO_LARGE', `The body is larger than ${limit} bytes`) : null);
  const take = (chunk: Buffer): void => {
    size += chunk.length;
    if (size <= limit) kept.push(chunk);
    else kept.length = 0;
    if (size <= limit * DRAINED_TIMES_LIMIT) return;
    finish();
    payload.destroy();
  };
  payload.on('data', take).on('end', finish).on('error', end);
}

function accessOf(url: string): RouteAccess {
  if (OPEN_PATHS.test(url)) return 'anyone';
  return DOCS_PATHS.test(url) ? 'monitor' : 'any-role';
}

/** An error in the form of the door that `url` belongs to, whether or not the door has seen the request. */
export function errorBodyAt(url: string, error: AIError, requestId: string): object {
  return OPENAI_PATHS.test(url) ? toOpenAIError(error, requestId) : toHttpErrorBody(error, requestId);
}

function send(error: AIError, request: FastifyRequest, reply: FastifyReply): void {
  void reply.code(error.statusCode).send(errorBodyAt(request.url, error, requestIdOf(request, reply)));
}
