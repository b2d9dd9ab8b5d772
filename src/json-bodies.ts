import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { HttpConfig } from './infra/http-server/http.config.js';
import { BodyBudget, BodyError, isSmall, readBody, type BodyFault } from './infra/http-server/body.reader.js';
import { structureOf } from './infra/http-server/json-structure.js';
import type { Logger } from './infra/logging/logger.interface.js';
import { endOfTurn } from './infra/time/end-of-turn.js';
import { assertStructure } from './modules/ai-providers/dto/validation/body-shape.js';
import { AIError } from './modules/ai-providers/errors/ai.error.js';
import { quoted, validationFailed } from './modules/ai-providers/errors/field-problem.js';

/**
 * Reads JSON bodies: at most as much as the settings and the memory of this process allow, in the time that a caller has.
 * An empty one is none: clients that send `content-type: application/json` with every request send it with a bodiless
 * DELETE too.
 */
export function readJsonBodies(
  fastify: FastifyInstance,
  { http }: { readonly http: HttpConfig },
  logger: Logger,
): void {
  const budget = new BodyBudget(http.bodyLimitBytes);
  if (budget.limitBytes < http.bodyLimitBytes) {
    logger.warn(
      { bodyLimitBytes: budget.limitBytes },
      `Bodies are taken up to ${budget.limitBytes} bytes, less than AI_BODY_LIMIT_BYTES: more would not fit the memory of this process`,
    );
  }
  const responses = new WeakMap<IncomingMessage, ServerResponse>();
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!isSmall(request.raw)) responses.set(request.raw, reply.raw);
    done();
  });
  fastify.removeContentTypeParser(['application/json', 'text/plain']);
  fastify.addContentTypeParser('application/json', (request, payload, done) => {
    const onHeld = (bytes: number): void => {
      responses.get(request.raw)?.once('close', () => budget.giveBack(bytes));
    };
    readBody(payload, { budget, timeoutMs: http.requestTimeoutMs, onHeld }, (error, body) => {
      if (error) done(error instanceof BodyError ? refusal(error.fault, http, budget) : error, undefined);
      else if (body.length === 0) done(null, undefined);
      else void endOfTurn().then(() => parse(body, done));
    });
  });
}

function parse(body: Buffer, done: (error: Error | null, body?: unknown) => void): void {
  let json: unknown;
  try {
    // Before it is parsed: in memory its values may weigh thirty times as much as on the wire.
    if (body.length > LARGE_BYTES) assertStructure(structureOf(body));
    json = JSON.parse(withoutMark(body.toString('utf8')));
  } catch (error) {
    return done(error instanceof SyntaxError ? notJson(error) : (error as Error));
  }
  done(null, json);
}

/** Bytes of a body from which on it is looked at before it is parsed. */
const LARGE_BYTES = 65_536;

/** Editors of some systems begin a file with a byte-order mark. */
function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function notJson({ message }: SyntaxError): AIError {
  return validationFailed([{ field: 'body', message: `the body is no JSON: ${quoted(message)}` }]);
}

/** When a caller may send again what did not fit beside the bodies of others. */
const RETRY_AFTER_MS = 1_000;

function refusal(fault: BodyFault, { requestTimeoutMs }: HttpConfig, budget: BodyBudget): AIError {
  switch (fault) {
    case 'too-large':
      return new AIError('PAYLOAD_TOO_LARGE', `The body is larger than ${budget.limitBytes} bytes`);
    case 'too-slow':
      return new AIError('REQUEST_TIMEOUT', `The body did not come within ${requestTimeoutMs} ms`);
    case 'no-room':
      return new AIError('OVERLOADED', 'Too many large bodies are being served: send it again', {
        retryAfterMs: RETRY_AFTER_MS,
      });
  }
}
