import 'reflect-metadata';
import fc from 'fast-check';
import { AIError } from '../../errors/ai.error.js';
import { MAX_PROBLEMS } from '../../errors/field-problem.js';
import { toHttpErrorBody, type HttpErrorBody } from '../../errors/to-http-error.js';
import { CreateAIProviderDto } from '../ai-provider.dto.js';
import { CompletionRequestDto } from '../completion/completion.dto.js';
import { ListAIProvidersQueryDto } from '../provider/ai-provider-query.dto.js';
import { DtoValidationPipe } from './validation.pipe.js';

const pipe = new DtoValidationPipe();

type Dto = typeof CompletionRequestDto | typeof CreateAIProviderDto | typeof ListAIProvidersQueryDto;

/** How a body, given as it is on the wire, is refused; undefined where it is not. */
function refusal(
  json: string,
  metatype: Dto = CompletionRequestDto,
  type: 'body' | 'query' = 'body',
): HttpErrorBody | undefined {
  try {
    pipe.transform(JSON.parse(json), { type, metatype });
    return undefined;
  } catch (error) {
    if (error instanceof AIError && error.code === 'VALIDATION_FAILED') return toHttpErrorBody(error, 'id');
    throw error;
  }
}

const repeat = (item: string, times: number): string => Array(times).fill(item).join(',');
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('DtoValidationPipe', () => {
  it.each([
    ['{"prompt":"Hi","temperature":3}', 'temperature', /^temperature must not be greater than 2$/],
    ['{"prompt":"Hi","nope":1}', 'nope', /^nope is not a known field$/],
    [
      '{"messages":[{"role":"user","content":"x"},{"role":"user","content":7}]}',
      'messages.1.content',
      /^messages\.1\.content must be/,
    ],
    [
      '{"messages":[{"role":"user","content":"x"},{"role":"me","content":"x"}]}',
      'messages.1.role',
      /^messages\.1\.role must be one of/,
    ],
    ['{"messages":["x"]}', 'messages.0', /^messages\.0 must be an object$/],
    ['{"messages":"x"}', 'messages', /^messages must/],
    ['{"prompt":"Hi","stopSequences":["a",""]}', 'stopSequences.1', /^stopSequences\.1 must be longer/],
    [
      '{"prompt":"Hi","tools":[{"name":"f","parameters":[]}]}',
      'tools.0.parameters',
      /^tools\.0\.parameters must be an object$/,
    ],
    ['{}', 'prompt', /^prompt or messages must be given$/],
    ['[]', 'body', /^the body must be a JSON object$/],
    ['null', 'body', /^the body must be a JSON object$/],
  ])('names the field of %s by its path', (json, field, message) => {
    const { errors, message: lines } = refusal(json) ?? {};
    expect(errors).toEqual([{ field, message: expect.stringMatching(message) as string }]);
    expect(lines).toEqual([errors?.[0]?.message]);
  });

  it('names a field of a nested object by its path', () => {
    const json =
      '{"name":"a","type":"OPENAI","apiKey":"k","model":"m","pricing":{"inputTokenCost":1,"outputTokenCost":1,"currency":"usd","more":1}}';
    expect(refusal(json, CreateAIProviderDto)?.errors?.map(({ field }) => field)).toEqual([
      'pricing.more',
      'pricing.currency',
    ]);
  });

  it.each([
    ['messages that are empty objects', `{"messages":[${repeat('{}', 60_000)}]}`],
    ['messages that are too many', `{"messages":[${repeat('{"role":"user","content":"x"}', 30_000)}]}`],
    ['wrong roles', `{"messages":[${repeat('{"role":"x","content":"x"}', 9_000)}]}`],
    ['unknown fields', `{"prompt":"x",${Array.from({ length: 60_000 }, (_, i) => `"f${i}":1`).join(',')}}`],
    ['a field of 2 MB', `{"prompt":"x","${'f'.repeat(2_000_000)}":1}`],
    ['empty arrays in metadata', `{"prompt":"x","metadata":{"a":[${repeat('[]', 190_000)}]}}`],
    ['more values than a request can mean', `{"prompt":"x","metadata":{"a":[${repeat('[]', 500_000)}]}}`],
    ['a model of 2 MB', `{"prompt":"x","model":"${'m'.repeat(2_000_000)}"}`],
    ['stop sequences that are too many', `{"prompt":"x","stopSequences":[${repeat('"a"', 100_000)}]}`],
    ['nesting without end', `{"prompt":"x","tools":[{"name":"f","parameters":{"a":${nested(100_000)}}}]}`],
    ['a role with a toString', '{"messages":[{"role":{"toString":1},"content":"x"}]}'],
    ['a query’s inherited name', '{"toString":"1"}', ListAIProvidersQueryDto],
    ['an inherited name', '{"prompt":"x","constructor":1,"__proto__":{}}'],
    [
      'a provider of unknown fields',
      `{${Array.from({ length: 60_000 }, (_, i) => `"f${i}":1`).join(',')}}`,
      CreateAIProviderDto,
    ],
  ] as [string, string, Dto?][])('refuses %s shortly and at once', (...[, json, dto]) => {
    const before = process.cpuUsage();
    const refused = refusal(json, dto, dto === ListAIProvidersQueryDto ? 'query' : 'body');
    // What it costs, however busy the machine is; under Jest's instrumentation, reading the JSON included.
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
    expect(refused?.errors?.length).toBeLessThanOrEqual(MAX_PROBLEMS);
    expect(refused?.errors?.length).toBeGreaterThan(0);
    expect(JSON.stringify(refused).length).toBeLessThan(10_000);
  });

  it.each([
    '{"prompt":"x","metadata":{"constructor":"x","toString":"y","__proto__":"z","hasOwnProperty":""}}',
    '{"prompt":"x","tools":[{"name":"f","parameters":{"properties":{"constructor":{"prototype":{}}}}}]}',
  ])('takes names that every object inherits where the names are the caller’s: %s', (json) => {
    expect(refusal(json)).toBeUndefined();
  });

  it('refuses whatever it is given or takes it, and fails at nothing', () => {
    const name = fc.oneof(
      fc.constantFrom(
        'prompt',
        'messages',
        'tools',
        'metadata',
        'role',
        'content',
        'constructor',
        '__proto__',
        'toString',
      ),
      fc.string(),
    );
    const { any } = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(name, tie('any'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(any, fc.constantFrom(CompletionRequestDto, CreateAIProviderDto), (body, dto) => {
        const found = refusal(JSON.stringify(body), dto)?.errors;
        expect(found?.length ?? 1).toBeGreaterThan(0);
      }),
      { numRuns: 1_000 },
    );
  });
});
