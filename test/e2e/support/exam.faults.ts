import type {
  AIProviderType,
  AIProviderView,
} from '../../../src/modules/ai-providers/interfaces/ai-provider.interface.js';
import type { FakeUpstream } from '../../fakes/upstream/fake-upstream.js';
import {
  cutAfter,
  endAfter,
  html,
  malformedBody,
  malformedEvent,
  reset,
  stall,
  status,
  streamError,
  withoutTerminator,
  type Script,
} from '../../fakes/upstream/upstream-script.js';
import { TYPES } from './providers.js';

export type Mode = 'plain' | 'stream';

/** What both providers say when nothing goes wrong. */
export const TEXT = 'The quick brown fox jumps over the lazy dog';
export const SAID = { text: TEXT, chunks: 6, usage: { prompt: 9, completion: 11 } };
const OTHER = { text: 'Something else altogether, and longer than the first answer', chunks: 6 };

/** What must come out, and how often each provider may be called for it: the contract's fault table. */
export interface Expected {
  /** Who gave the whole answer. `refusal`: the vendor's own reason as a 400. `nobody`: an error, and no whole answer. */
  answeredBy: 'sick' | 'healthy' | 'refusal' | 'nobody';
  sickCalls: number;
  healthyCalls: number;
  /** Outcomes of the tries in the trail, skipped providers left out. */
  outcomes: string[];
  recovered?: true;
}

/** One way in which a fault shows. */
export interface ExamCase {
  fault: string;
  how: string;
  modes: readonly Mode[];
  types: readonly AIProviderType[];
  /** Makes the provider of higher priority sick; may name the epoch milliseconds before which it must be left alone. */
  strike: (
    sick: FakeUpstream,
    type: AIProviderType,
    healthy: FakeUpstream,
  ) => Promise<number | void> | number | void;
  settings?: Partial<AIProviderView>;
  healthySettings?: Partial<AIProviderView>;
  expected: Record<Mode, Expected>;
}

const always =
  (script: Script) =>
  (sick: FakeUpstream): void => {
    sick.default(script);
  };
const once =
  (...scripts: Script[]) =>
  (sick: FakeUpstream): void => {
    sick.next(...scripts);
  };

const failedOver = (fault: string, tries: number, recovered?: true): Expected => ({
  answeredBy: 'healthy',
  sickCalls: tries,
  healthyCalls: 1,
  outcomes: [...Array<string>(tries).fill(fault), 'success'],
  ...(recovered && { recovered }),
});
const cameThrough = (...faults: string[]): Expected => ({
  answeredBy: 'sick',
  sickCalls: faults.length + 1,
  healthyCalls: 0,
  outcomes: [...faults, 'success'],
});
const REFUSED: Expected = {
  answeredBy: 'refusal',
  sickCalls: 1,
  healthyCalls: 0,
  outcomes: ['content_filter'],
};

/** The same in both modes. */
const both = (expected: Expected): Record<Mode, Expected> => ({ plain: expected, stream: expected });

function row(
  fault: string,
  how: string,
  strike: ExamCase['strike'],
  expected: Record<Mode, Expected> | { [M in Mode]?: Expected },
  more: Partial<Pick<ExamCase, 'types' | 'settings' | 'healthySettings'>> = {},
): ExamCase {
  const modes = (['plain', 'stream'] as const).filter((mode) => expected[mode] !== undefined);
  return { fault, how, strike, modes, types: TYPES, expected: expected as Record<Mode, Expected>, ...more };
}

/** The first content has time to come, on a busy machine too: only what follows may not. */
const SHORT_SILENCE = { firstTokenTimeout: 3_000, idleTimeout: 400, timeout: 2_000 };
/** Scaled: the specification's are 12 s, 15 s and 60 s. */
const SHORT_DEADLINES = { firstTokenTimeout: 250, idleTimeout: 250, timeout: 500 };

/** Faults 1 to 15; the sixteenth is a sequence and stands in the spec. */
export const EXAM: readonly ExamCase[] = [
  row(
    '1 rate limit with Retry-After',
    'in seconds',
    (sick) => {
      sick.next(status(429, { retryAfter: '1' }));
      return Date.now() + 1_000;
    },
    both(cameThrough('rate_limited')),
  ),
  row(
    '1 rate limit with Retry-After',
    'as an HTTP date',
    (sick) => {
      const at = Math.ceil(Date.now() / 1_000) * 1_000 + 1_000;
      sick.next(status(429, { retryAfter: new Date(at).toUTCString() }));
      return at;
    },
    both(cameThrough('rate_limited')),
  ),
  row(
    '1 rate limit with Retry-After',
    'in milliseconds',
    (sick) => {
      sick.next(status(429, { retryAfterMs: '300' }));
      return Date.now() + 300;
    },
    both(cameThrough('rate_limited')),
  ),
  row(
    '1 rate limit with Retry-After',
    'longer than is waited for',
    always(status(429, { retryAfter: '120' })),
    both(failedOver('rate_limited', 1)),
  ),
  row(
    '2 rate limit without Retry-After',
    'every time',
    always(status(429)),
    both(failedOver('rate_limited', 3)),
  ),
  row('3 connection reset', 'before the header', always(reset()), both(failedOver('connection', 3))),
  row(
    '3 connection reset',
    'after the header',
    always(reset('after_headers')),
    both(failedOver('connection', 3)),
  ),
  row(
    '4 connection refused',
    'every time',
    (sick) => sick.refuseConnections(),
    both({
      ...failedOver('connection', 3),
      sickCalls: 0,
    }),
  ),
  row('5 silence', 'before the header', always(stall()), both(failedOver('timeout', 1)), {
    settings: SHORT_DEADLINES,
  }),
  row(
    '6 slow first token',
    'after the header',
    always(stall('after_headers')),
    both(failedOver('timeout', 1)),
    {
      settings: SHORT_DEADLINES,
    },
  ),
  row(
    '6 slow first token',
    'behind keep-alives',
    always({
      inject: { events: 0, raw: { text: ': keep-alive\n\n' } },
      fault: { how: 'stall', at: { events: 0 } },
    }),
    { stream: failedOver('timeout', 1) },
    { settings: SHORT_DEADLINES },
  ),
  row('7 cut answer', 'by an end of the connection', always(cutAfter(3, SAID)), {
    plain: failedOver('connection', 3),
    stream: failedOver('connection', 1, true),
  }),
  row('7 cut answer', 'by a reset', always(reset({ events: 3 }, SAID)), {
    plain: failedOver('connection', 3),
    stream: failedOver('connection', 1, true),
  }),
  row('7 cut answer', 'by a proper end without a finish reason', always(endAfter(3, SAID)), {
    plain: failedOver('malformed', 3),
    stream: failedOver('truncated', 1, true),
  }),
  row(
    '7 cut answer',
    'where the other provider says something else',
    (sick, _, healthy) => {
      sick.default(endAfter(3, SAID));
      healthy.default(OTHER);
    },
    {
      stream: {
        answeredBy: 'nobody',
        sickCalls: 3,
        healthyCalls: 1,
        outcomes: ['truncated', 'diverged', 'truncated', 'truncated'],
      },
    },
  ),
  row(
    '8 stalled answer',
    'after some content',
    always(stall({ events: 2 }, SAID)),
    {
      plain: failedOver('timeout', 1),
      stream: failedOver('timeout', 1, true),
    },
    { settings: SHORT_SILENCE },
  ),
  row('9 malformed event', 'in the middle', always(malformedEvent(2, SAID)), { stream: cameThrough() }),
  row('9 malformed event', 'first of all', always(malformedEvent(0, SAID)), { stream: cameThrough() }),
  row('9 malformed event', 'as the whole body', always(malformedBody()), {
    plain: failedOver('malformed', 3),
  }),
  row(
    '10 missing sentinel',
    'with all else there',
    always(withoutTerminator(SAID)),
    { stream: cameThrough() },
    {
      types: ['OPENAI', 'ANTHROPIC', 'CUSTOM'],
    },
  ),
  row(
    '11 burst of 5xx',
    'of the vendor',
    once(status(500), status(503)),
    both(cameThrough('server_error', 'server_error')),
  ),
  row(
    '11 burst of 5xx',
    'of a load balancer',
    once(html(502), html(503)),
    both(cameThrough('server_error', 'server_error')),
  ),
  row('12 overloaded', '529', always(status(529)), both(failedOver('server_error', 3))),
  row('12 overloaded', 'as an event before the first content', always(streamError(0, SAID)), {
    stream: failedOver('server_error', 3),
  }),
  row('12 overloaded', 'as an event in the middle', always(streamError(3, SAID)), {
    stream: failedOver('server_error', 1, true),
  }),
  row(
    '13 context overflow',
    'to a larger window',
    always(status(400, { reason: 'context_length' })),
    both(failedOver('context_length', 1)),
    { settings: { contextWindow: 8_192 }, healthySettings: { contextWindow: 200_000 } },
  ),
  row(
    '13 context overflow',
    'with no larger window',
    always(status(400, { reason: 'context_length' })),
    both({ answeredBy: 'refusal', sickCalls: 1, healthyCalls: 0, outcomes: ['context_length'] }),
    { settings: { contextWindow: 8_192 }, healthySettings: { contextWindow: 8_192 } },
  ),
  row(
    '14 content refusal',
    'of the prompt',
    always(status(400, { reason: 'content_filter' })),
    both(REFUSED),
  ),
  row(
    '14 content refusal',
    'of the rest of the answer',
    always({ answer: { ...SAID, finish: 'content_filter' } }),
    both(cameThrough()),
  ),
  row(
    '15 bad key',
    'said the vendor’s way',
    (sick, type) => {
      sick.default(type === 'GOOGLE' ? status(400, { reason: 'bad_key' }) : status(401));
    },
    both(failedOver('authentication', 1)),
  ),
  row(
    '15 bad key',
    'or no such model',
    always(status(404, { reason: 'model' })),
    both(failedOver('model_not_found', 1)),
  ),
  row(
    '15 bad key',
    'or a spent quota',
    always(status(429, { reason: 'quota' })),
    both(failedOver('quota_exhausted', 1)),
    { types: ['OPENAI', 'GOOGLE', 'CUSTOM'] },
  ),
];
