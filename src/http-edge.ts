import type { AppConfig } from './app-config.js';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AccessPolicy, type AccessDecision } from './access/access-policy.js';
import { EnvironmentKeys } from './access/environment-keys.js';
import { PrincipalService } from './access/principal.service.js';
import type { AccessRouteConfig, RouteAccess } from './access/access.decorators.js';
import { respondWithError } from './infra/http-server/error.responder.js';
import { isStillSending } from './infra/http-server/refusal.js';
import { requestIdOf } from './infra/http-server/raw-exchange.js';
import type { Logger } from './infra/logging/logger.interface.js';
import { endOfTurn } from './infra/time/end-of-turn.js';
import { logRefusal } from './modules/ai-providers/ai-error.filter.js';
import { AIError } from './modules/ai-providers/errors/ai.error.js';
import { toHttpErrorBody } from './modules/ai-providers/errors/to-http-error.js';
import { toOpenAIError } from './modules/openai-compat/openai.error.js';

/**
 * Routes that are no controller's, by the pattern that Fastify serves them under: what a caller writes in the path, in
 * whatever spelling, decides nothing.
 */
const ACCESS_OF_ROUTE: ReadonlyMap<string | undefined, RouteAccess> = new Map([
  ['/', 'any-page'],
  ['/api', 'any-page'],
  ['/api/docs-json', 'monitor'],
  ['/api/docs-yaml', 'monitor'],
]);

/** The pages of the documentation: they ask the reader for a key, and send it with the calls that they make. */
const DOCS_PAGES = /^\/api\/docs(?:\/|$)/;

/** The paths whose errors are answered in OpenAI's form. */
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
 * Gives every exchange its id, and refuses a caller without a key, or with one whose role may not call the route, before
 * the body is read. In a host application, which has no such hook, the guard at the route does.
 */
export function refuseStrangers(fastify: FastifyInstance, { http }: AppConfig, logger: Logger): void {
  const principals = new PrincipalService([new EnvironmentKeys(http.accessKeys)]);
  const policy = new AccessPolicy(principals, http, 'module', () => fastify.server.address());
  fastify.addHook('onRequest', async (request, reply) => {
    await endOfTurn();
    requestIdOf(request, reply);
    const decision = policy.judge(request.raw, accessOf(request.routeOptions));
    const error = refusalOf(decision, request);
    if (error === undefined) return;
    if (error.code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer');
    logRefusal(logger, error, request, requestIdOf(request, reply));
    send(error, request, reply);
    return reply;
  });
}

function refusalOf(decision: AccessDecision, request: FastifyRequest): AIError | undefined {
  if (decision.kind === 'unauthenticated') return new AIError('UNAUTHENTICATED', decision.reason);
  if (decision.kind === 'forbidden') return new AIError('FORBIDDEN', decision.reason);
  // Nest says so too, but not before the caller has sent all of its body.
  const isLost = request.is404 && isStillSending(request.raw);
  return isLost ? new AIError('NOT_FOUND', 'There is no such path') : undefined;
}

function accessOf({ url, config }: FastifyRequest['routeOptions']): RouteAccess {
  const known = (config as AccessRouteConfig).access ?? ACCESS_OF_ROUTE.get(url);
  if (known !== undefined) return known;
  return url !== undefined && DOCS_PAGES.test(url) ? 'any-page' : 'any-role';
}

/** Redirects a browser that opens the service to its documentation. */
export function leadToDocs(fastify: FastifyInstance): void {
  for (const path of ['/', '/api']) {
    fastify.get(path, (_request, reply) => reply.redirect('/api/docs', 302));
  }
}

/** An error in the form of the API that `url` belongs to, whether or not the API has seen the request. */
export function errorBodyAt(url: string, error: AIError, requestId: string): object {
  return OPENAI_PATHS.test(url) ? toOpenAIError(error, requestId) : toHttpErrorBody(error, requestId);
}

function send(error: AIError, request: FastifyRequest, reply: FastifyReply): void {
  respondWithError(request, reply, {
    status: error.statusCode,
    body: errorBodyAt(request.url, error, requestIdOf(request, reply)),
    reply: (_response: unknown, body: object, status: number) => reply.code(status).send(body),
  });
}
