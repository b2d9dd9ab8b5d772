import 'reflect-metadata';
import { IsDefined, IsString, ValidateNested, validateSync } from 'class-validator';
import { plainToInstance } from 'class-transformer';
import fc from 'fast-check';
import { CompletionRequestDto } from '../completion/completion.dto.js';
import { compileCheck } from './compiled-check.js';

const check = compileCheck(CompletionRequestDto);

const VALIDATION = {
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  stopAtFirstError: true,
};

function isFineForClassValidator(body: object): boolean {
  return validateSync(plainToInstance(CompletionRequestDto, body), VALIDATION).length === 0;
}

/** class-transformer fails on some of these; what a body may be named is checked before. */
const INHERITED_NAME = new RegExp(`"(${Object.getOwnPropertyNames(Object.prototype).join('|')})":`);

const junk = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    false,
    0,
    -1,
    1.5,
    1e10,
    NaN,
    Infinity,
    '',
    ' ',
    'x',
    '\u0000',
    [],
    {},
  ),
  fc.string({ maxLength: 300 }),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Mostly what is allowed, so that a whole body often is. */
const often = (valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 30, arbitrary: valid }, { weight: 1, arbitrary: junk });

const text = fc.string({ minLength: 1, maxLength: 20 });
const source = fc.oneof(
  fc.record({ url: often(fc.constant('https://example.org/a.png')) }),
  fc.record({ data: often(text), mediaType: often(text) }),
);
const content = fc.oneof(
  text,
  fc.array(
    fc.oneof(
      fc.record({ type: fc.constant('text'), text: often(text) }),
      fc.record({ type: often(fc.constantFrom('image', 'audio')), source: often(source) }),
      fc.record({ type: fc.constant('file'), source: often(source), name: often(text) }),
    ),
    { minLength: 1, maxLength: 3 },
  ),
);
const message = fc.record(
  {
    role: often(fc.constantFrom('system', 'user', 'assistant', 'tool')),
    content: often(content),
    toolCalls: often(fc.array(fc.record({ id: text, name: text, arguments: often(text) }), { maxLength: 2 })),
    toolCallId: often(text),
    name: often(fc.constant('Ann')),
  },
  { requiredKeys: ['role', 'content'] },
);
const tool = fc.record(
  {
    name: often(fc.constant('find')),
    description: often(text),
    parameters: often(fc.dictionary(text, text)),
  },
  { requiredKeys: ['name', 'parameters'] },
);
const options = {
  systemPrompt: text,
  temperature: fc.double({ min: 0, max: 2 }),
  maxTokens: fc.integer({ min: 1, max: 10_000 }),
  topP: fc.double({ min: 0, max: 1 }),
  topK: fc.integer({ min: 1, max: 100 }),
  frequencyPenalty: fc.double({ min: -2, max: 2 }),
  presencePenalty: fc.double({ min: -2, max: 2 }),
  stopSequences: fc.array(often(text), { maxLength: 4 }),
  seed: fc.integer(),
  stream: fc.boolean(),
  providerId: fc.uuid({ version: 4 }),
  model: fc.constant('gpt-4o'),
  fallbacks: fc.array(often(text), { maxLength: 3 }),
  priority: fc.constantFrom('high', 'normal', 'low'),
  timeout: fc.integer({ min: 1, max: 60_000 }),
  cache: fc.oneof(fc.constant(false), fc.record({ ttl: often(fc.integer({ min: 1, max: 100 })) })),
  metadata: fc.dictionary(text, often(text), { maxKeys: 3 }),
  tools: fc.array(often(tool), { maxLength: 2 }),
  toolChoice: fc.oneof(fc.constantFrom('auto', 'none', 'required'), fc.record({ name: often(text) })),
  responseFormat: fc.oneof(
    fc.record({ type: often(fc.constantFrom('text', 'json')) }),
    fc.record({ type: fc.constant('json_schema'), schema: fc.dictionary(text, text), name: often(text) }),
  ),
  user: fc.constant('user-1'),
};
const optional = Object.fromEntries(
  Object.entries(options).map(([name, arbitrary]) => [name, often(arbitrary as fc.Arbitrary<unknown>)]),
);
const asked: Record<string, fc.Arbitrary<unknown>>[] = [
  { prompt: often(text) },
  { messages: often(fc.array(often(message), { minLength: 1, maxLength: 3 })) },
  { prompt: often(text), messages: often(fc.array(message, { maxLength: 2 })) },
  { unknown: often(text), prompt: often(text) },
];
const body = fc
  .oneof(
    ...asked.map((fields) => fc.record({ ...optional, ...fields }, { requiredKeys: Object.keys(fields) })),
  )
  .filter((given) => !INHERITED_NAME.test(JSON.stringify(given)));

describe('compileCheck', () => {
  it('says of every body what class-validator says', () => {
    const said = { yes: 0, no: 0 };
    fc.assert(
      fc.property(body, (given) => {
        const verdict = check.holds(given);
        said[verdict ? 'yes' : 'no'] += 1;
        expect(verdict).toBe(isFineForClassValidator(given));
      }),
      { numRuns: 2_000 },
    );
    // Neither answer would prove anything if it were the only one.
    expect(said.yes).toBeGreaterThan(200);
    expect(said.no).toBeGreaterThan(200);
  });

  it('takes a schema whose properties are named like those of every object', () => {
    const parameters = { type: 'object', properties: { constructor: { type: 'string' } } };
    expect(check.holds({ prompt: 'Hi', tools: [{ name: 'find', parameters }] })).toBe(true);
  });

  it('compiles no rule that it does not know', () => {
    class Strange {
      @IsDefined()
      field!: string;
    }
    class Untyped {
      @ValidateNested({ each: true })
      items!: object[];
    }
    class Conditional {
      @IsString({ validateIf: () => false })
      field!: string;
    }
    expect(() => compileCheck(Strange)).toThrow('unknown');
    expect(() => compileCheck(Untyped)).toThrow('names no type');
    expect(() => compileCheck(Conditional)).toThrow('condition');
  });
});
