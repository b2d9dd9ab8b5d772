import { readFileSync } from 'node:fs';
import type { OpenAPIObject } from '@nestjs/swagger';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { toProviderView } from '../../src/modules/ai-providers/dto/provider/provider-view.js';
import { toHttpErrorBody } from '../../src/modules/ai-providers/errors/to-http-error.js';
import { ProviderError } from '../../src/modules/ai-providers/errors/provider.error.js';
import { AIError } from '../../src/modules/ai-providers/errors/ai.error.js';
import type { AIProviderConfig } from '../../src/modules/ai-providers/interfaces/ai-provider.interface.js';
import { writeDescription } from '../../src/openapi.js';

interface Schema {
  properties: Record<string, unknown>;
  required: string[];
}

interface Answer {
  content?: Record<string, { schema?: unknown }>;
}

const committed = readFileSync('openapi.json', 'utf8');
const document = JSON.parse(committed) as OpenAPIObject;

const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  (['get', 'post', 'put', 'delete'] as const).flatMap((method) => {
    const operation = item[method];
    return operation ? [{ route: `${method.toUpperCase()} ${path}`, operation }] : [];
  }),
);

describe('openapi.json', () => {
  let fresh: string;

  beforeAll(async () => {
    fresh = await writeDescription();
  });

  it('is what the code would write; npm run openapi writes it', () => {
    expect(JSON.parse(fresh)).toEqual(document);
    expect(fresh).toBe(committed);
  });

  it('gives every answer a schema', () => {
    const bare = operations.flatMap(({ route, operation }) =>
      Object.entries(operation.responses as Record<string, Answer>)
        .filter(([, { content = {} }]) => !Object.values(content).some(({ schema }) => schema !== undefined))
        .map(([status]) => `${route} ${status}`),
    );
    expect(bare).toEqual([]);
  });

  it('gives every body an example, and the body of OpenAI’s API its fields', () => {
    const bodies = operations.flatMap(({ route, operation }) => {
      const body = operation.requestBody as { content?: Record<string, { examples?: object }> } | undefined;
      return body === undefined ? [] : [{ route, examples: body.content?.['application/json']?.examples }];
    });
    expect(bodies.length).toBeGreaterThan(4);
    expect(bodies.filter(({ examples }) => Object.keys(examples ?? {}).length === 0)).toEqual([]);
    const chat = document.paths['/api/ai-providers/v1/chat/completions']?.post?.requestBody as Answer;
    const { schema: fields } = chat.content?.['application/json'] ?? {};
    expect(Object.keys((fields as Schema).properties)).toEqual(
      expect.arrayContaining(['model', 'messages', 'tools']),
    );
  });

  it('refers only to schemas that it has', () => {
    const names = [...committed.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(names.filter((name) => !(name! in (document.components?.schemas ?? {})))).toEqual([]);
  });

  it('leaves the probes alone open', () => {
    const open = operations.filter(({ operation }) => operation.security === undefined);
    expect(open.map(({ route }) => route)).toEqual(['GET /api/health/live', 'GET /api/health/ready']);
  });

  it('describes both forms of a completion', () => {
    const answer = document.paths['/api/ai-providers/complete']?.post?.responses?.['200'] as Answer;
    expect(Object.keys(answer.content ?? {})).toEqual(['application/json', 'text/event-stream']);
  });

  it('describes a provider field by field as it is answered', () => {
    const date = new Date(0);
    const standing = { circuitState: 'CLOSED', cooldownUntil: null } as const;
    const view = toProviderView({ createdAt: date, updatedAt: date } as AIProviderConfig, standing);
    expect(schema('AIProviderResponseDto').required.sort()).toEqual(Object.keys(view).sort());
  });

  it('describes an error field by field as it is answered', () => {
    const cause = new ProviderError('invalid_request', 'x', { vendorCode: 'x' });
    const error = new AIError('VALIDATION_FAILED', 'x', { attempts: [], field: 'x', cause });
    const body = toHttpErrorBody(error, 'id');
    expect(Object.keys(schema('ErrorResponseDto').properties).sort()).toEqual(Object.keys(body).sort());
  });
});

function schema(name: string): Schema {
  return document.components?.schemas?.[name] as Schema;
}
