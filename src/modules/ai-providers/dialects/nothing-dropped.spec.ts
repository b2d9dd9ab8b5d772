import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { providerConfig } from '../../../../test/fakes/pipeline-bench.js';
import { lackOf } from './lack-of.js';
import { isToolForced } from './tool-choice.js';
import { warningsOf } from './warnings-of.js';
import type { ProviderCall } from '../interfaces/ai-adapter.interface.js';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { CompletionRequest } from '../interfaces/completion.interface.js';
import type { ChatMessage, ContentPart } from '../interfaces/message.interface.js';
import { toProviderCall } from '../operations/chat/to-provider-call.js';
import { deploymentAskedOf } from '../models/deployment.js';
import { toRequest as toAnthropic } from '../providers/anthropic/chat/to-request.js';
import { toRequest as toGemini } from '../providers/gemini/chat/to-request.js';
import { ANTHROPIC_ID, ANY_ID, OPENAI_ID } from '../providers/chat/history/call-ids.js';
import { fitHistory } from '../providers/chat/history/fit-history.js';
import { toRequest as toChat } from '../providers/openai/chat/to-request.js';

type Request = CompletionRequest & { messages: ChatMessage[] };

/** What a body holds of a field, and by what it is warned of. */
interface Trace {
  field: string;
  sent: RegExp;
}

const TARGETS: readonly [AIProviderConfig['type'], string | null, readonly string[]][] = [
  ['OPENAI', null, ['gpt-4o', 'o3', 'gpt-5.2']],
  ['OPENAI', 'https://proxy.example/v1', ['gpt-4o', 'some-model']],
  ['CUSTOM', 'https://api.groq.com/openai/v1', ['llama-3']],
  ['CUSTOM', 'https://openrouter.ai/api/v1', ['some/model']],
  ['CUSTOM', 'https://server.example/v1', ['deepseek-chat', 'qwen3', 'mistral-large', 'gpt-5.2']],
  ['ANTHROPIC', null, ['claude-3-haiku', 'claude-sonnet-4-5', 'claude-opus-4-7', 'claude-opus-5-5']],
  ['GOOGLE', null, ['gemini-1.5-pro', 'gemini-2.5-flash', 'gemini-3-pro']],
];

const target = fc
  .constantFrom(...TARGETS)
  .chain(([type, endpoint, models]) =>
    fc.constantFrom(...models).map((model) => providerConfig('p', { type, endpoint, model })),
  );

/** Each text is another one, so that it is found again. */
const mark = fc.uuid().map((id) => `mark-${id}`);
const inline = (mediaType: string, text: string): { data: string; mediaType: string } => ({
  mediaType,
  data: Buffer.from(text).toString('base64'),
});

const part: fc.Arbitrary<ContentPart> = fc.oneof(
  mark.map((text) => ({ type: 'text' as const, text })),
  mark.map((text) => ({ type: 'text' as const, text, openaiFields: { beside_text: text } })),
  mark.map((name) => ({ type: 'image' as const, source: { url: `https://example.com/${name}.png` } })),
  fc
    .tuple(mark, fc.constantFrom('image/png', 'image/bmp'))
    .map(([text, type]) => ({ type: 'image' as const, source: inline(type, text) })),
  fc
    .tuple(mark, mark, fc.constantFrom('application/pdf', 'text/csv', 'image/png', 'application/zip'))
    .map(([name, text, type]) => ({ type: 'file' as const, source: inline(type, text), name })),
  mark.map((name) => ({ type: 'file' as const, source: { url: `https://example.com/${name}.pdf` } })),
  fc
    .tuple(mark, fc.constantFrom('audio/wav', 'audio/ogg'))
    .map(([text, type]) => ({ type: 'audio' as const, source: inline(type, text) })),
  mark.map((id) => ({ type: 'other' as const, openaiFields: { type: 'file', file: { file_id: id } } })),
);

const content = fc.oneof(mark, fc.array(part, { minLength: 1, maxLength: 3 }));
const optional = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined });

const providerData = (said: string): fc.Arbitrary<ChatMessage['providerData']> =>
  fc.constantFrom(
    { openai: { references: [said] } },
    { anthropic: { content: [{ type: 'text', text: said }] } },
    { google: { parts: [{ text: said }] } },
  );

const plainTurn = fc.record({
  role: fc.constantFrom('user' as const, 'system' as const),
  content,
  name: optional(mark),
  openaiFields: optional(mark.map((text) => ({ beside_turn: text }))),
});
/** A vendor's own blocks hold its thoughts too. */
const answer = fc.tuple(mark, optional(mark)).chain(([said, reasoning]) =>
  fc.record({
    role: fc.constant('assistant' as const),
    content: fc.constant(said),
    name: optional(mark),
    reasoning: fc.constant(reasoning),
    openaiFields: optional(fc.constantFrom({ beside_turn: said }, { annotations: [{ text: said }] })),
    providerData: optional(providerData(`${said} ${reasoning}`)),
  }),
);
const sound = mark.map((id) => ({
  role: 'assistant' as const,
  content: '',
  openaiFields: { audio: { id } },
}));
const called = fc.tuple(mark, content).map(([id, result]): ChatMessage[] => [
  { role: 'assistant', content: '', toolCalls: [{ id: 'call', name: 'f', arguments: `{"a":"${id}"}` }] },
  { role: 'tool', toolCallId: 'call', content: result },
]);
const messages = fc
  .array(fc.oneof(plainTurn, answer, sound, called), { minLength: 1, maxLength: 5 })
  .map((turns) => turns.flat() as ChatMessage[])
  .filter((turns) => turns.some(({ role }) => role === 'user'));

const options = fc.record(
  {
    temperature: fc.constantFrom(0.5137, 1.7531),
    maxTokens: fc.constant(31_337),
    topP: fc.constantFrom(0.4831, 0.9731),
    topK: fc.constant(41_137),
    frequencyPenalty: fc.constantFrom(0.6411, 2),
    presencePenalty: fc.constantFrom(-0.3721, 2),
    stopSequences: fc.constantFrom(['STOP-1'], [' ', 'STOP-1'], ['STOP-1', 'a', 'b', 'c', 'd', 'e']),
    seed: fc.constant(77_003),
    user: fc.constantFrom('user-mark', `user-mark${'x'.repeat(300)}`),
    sessionId: fc.constant('session-mark'),
    logprobs: fc.constantFrom(true, 7),
    parallelToolCalls: fc.constant(false),
    tools: fc.constant([
      {
        name: 'tool_mark',
        description: 'tool-words',
        parameters: { type: 'object', properties: { inTool: {} } },
      },
    ]),
    toolChoice: fc.constantFrom('auto' as const, 'none' as const, 'required' as const, { name: 'tool_mark' }),
    responseFormat: fc.constantFrom(
      { type: 'json' as const },
      {
        type: 'json_schema' as const,
        schema: {
          type: 'object',
          properties: { inSchema: { type: 'string' } },
          required: ['inSchema'],
          additionalProperties: false,
        },
      },
    ),
    reasoning: fc.constantFrom(
      { effort: 'high' as const },
      { effort: 'minimal' as const },
      { maxTokens: 4_096 },
    ),
    openaiFields: fc.record(
      {
        verbosity: fc.constant('low'),
        service_tier: fc.constantFrom('flex', 'auto'),
        logit_bias: fc.constant({ 50_256: -100 }),
        store: fc.constant(true),
        prediction: fc.constant({ type: 'content', content: 'x' }),
        web_search_options: fc.constant({}),
        of_nobody: fc.constant(1),
        tools: fc.constant([{ type: 'custom', custom: { name: 'c' } }]),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

const request: fc.Arbitrary<Request> = fc
  .tuple(options, messages)
  .map(([asked, turns]) => ({ ...asked, messages: turns }) as Request);

/** The body as its vendor gets it. */
function bodyFor(provider: AIProviderConfig, call: ProviderCall): unknown {
  const forms = { wantsReasoning: true, systemIsApart: true };
  switch (provider.type) {
    case 'OPENAI':
    case 'CUSTOM': {
      const callIds = provider.type === 'OPENAI' ? OPENAI_ID : ANY_ID;
      return toChat(fitHistory(call, { callIds }), false, provider);
    }
    case 'ANTHROPIC':
      return toAnthropic(fitHistory(call, { ...forms, callIds: ANTHROPIC_ID }), false);
    case 'GOOGLE':
      return toGemini(fitHistory(call, { ...forms, callIds: ANY_ID })).body;
  }
}

/** By what each option that is asked for shows in a body. One that means nothing beside the others has none. */
function optionTraces(asked: Request, { type }: AIProviderConfig): Trace[] {
  const hasTools = asked.tools !== undefined;
  const mayCall = hasTools && asked.toolChoice !== 'none';
  // Where a tool is forced there is no text to be JSON.
  const isTextless = type === 'ANTHROPIC' && isToolForced(asked);
  const sent: Partial<Record<keyof Request, RegExp | false>> = {
    temperature: /"temperature":(?:0\.5137|1\.7531)/,
    maxTokens: /31337/,
    topP: /0\.4831|0\.9731/,
    topK: /41137/,
    frequencyPenalty: /frequency_?penalty"/i,
    presencePenalty: /presence_?penalty"/i,
    stopSequences: /STOP-1/,
    seed: /77003/,
    user: /user-mark/,
    sessionId: /session-mark/,
    logprobs: /"(?:response)?logprobs":true/i,
    parallelToolCalls: mayCall && /"(?:parallel_tool_calls":false|disable_parallel_tool_use":true)/,
    tools: /tool_mark.*tool-words.*inTool|inTool.*tool_mark/,
    toolChoice: hasTools && /"(?:tool_choice|toolConfig)"/,
    responseFormat: !isTextless && /json_object|answer_in_json|application\/json|inSchema/,
    reasoning: /"(?:reasoning|reasoning_effort|thinking|thinkingConfig|enable_thinking|effort)"/,
  };
  return Object.entries(sent).flatMap(([field, expected]) =>
    asked[field as keyof Request] === undefined || !expected ? [] : [{ field, sent: expected }],
  );
}

/** The same of what OpenAI's dialect alone has. */
function foreignTraces({ openaiFields = {} }: Request): Trace[] {
  return Object.keys(openaiFields).map((field) => ({ field, sent: new RegExp(`"${field}":`) }));
}

/** The request without what a lack names. */
function without(asked: Request, field: string): Request {
  const [, index, place] = /^messages\.(\d+)(?:\.content\.(\d+))?/.exec(field) ?? [];
  if (index === undefined) {
    const { [field as keyof Request]: _, ...left } = asked;
    const { [field]: __, ...openaiFields } = asked.openaiFields ?? {};
    return { ...left, openaiFields } as Request;
  }
  const messages = asked.messages.map((turn, at): ChatMessage => {
    if (at !== Number(index)) return turn;
    if (place === undefined || typeof turn.content === 'string') return { role: turn.role, content: 'x' };
    const parts = turn.content.map((one, where) =>
      where === Number(place) ? { type: 'text' as const, text: 'x' } : one,
    );
    return { ...turn, content: parts };
  });
  return { ...asked, messages };
}

/** The request without all that the dialect lacks. */
function sayable(whole: Request, provider: AIProviderConfig): Request {
  let asked = whole;
  for (let step = 0; step < 100; step++) {
    const lack = lackOf(provider, provider.model, asked);
    if (lack === null) return asked;
    asked = without(asked, lack.field);
  }
  throw new Error('A lack names what is not there');
}

/** The marks in a turn, each with the name of the field that a warning of it would have. */
function marksIn(value: unknown, name = ''): { mark: string; name: string }[] {
  if (typeof value === 'string') {
    const text = name === 'data' ? Buffer.from(value, 'base64').toString() : value;
    return [...text.matchAll(/mark-[\da-f-]{36}/g)].map(([found]) => ({ mark: found, name }));
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, held]) =>
    marksIn(held, name === 'providerData' || /^\d+$/.test(key) ? name : key),
  );
}

describe('a call that a dialect can say', () => {
  it('makes a body, and each field of it is in that or warned of', () => {
    fc.assert(
      fc.property(target, request, (provider, whole) => {
        const asked = sayable(whole, provider);
        const call = toProviderCall(asked, deploymentAskedOf(provider, asked));
        const body = JSON.stringify(bodyFor(provider, call));
        const warned = warningsOf(provider, call).map(({ field }) => field);
        const isWarned = (field: string): boolean =>
          warned.some((one) => one === field || one.startsWith(`${field}.`));
        const lost = [...optionTraces(asked, provider), ...foreignTraces(asked)].filter(
          ({ field, sent }) => !sent.test(body) && !isWarned(field),
        );
        const lostMarks = marksIn(asked.messages).filter(
          ({ mark: text, name }) =>
            !body.includes(text) &&
            !body.includes(Buffer.from(text).toString('base64')) &&
            !warned.some((one) => one.endsWith(`.${name}`)),
        );
        expect([lost, lostMarks]).toEqual([[], []]);
      }),
      { numRuns: 1_500 },
    );
  });
});
