import type { KnownModel } from './known-model.interface.js';

/** Where the entries below were read, and when. */
const READ = {
  source: 'https://platform.claude.com/docs/en/about-claude/pricing',
  asOf: '2026-11-05',
} as const;

/**
 * The longest answers of Claude's models in tokens, by the beginning of their names, the more particular first:
 * https://platform.claude.com/docs/en/about-claude/models/overview, read 2026-12-01. They are the model's own, whichever vendor
 * serves it.
 */
export const CLAUDE_OUTPUT_LIMITS: readonly (readonly [name: RegExp, tokens: number])[] = [
  [/claude-(?:fable|mythos)/, 128_000],
  [/claude-haiku-4/, 64_000],
  [/claude-opus-4[-.]?[01](?!\d)|claude-opus-4(?:$|-20)/, 32_000],
  [/claude-(?:opus|sonnet)-4[-.][6-9](?!\d)/, 128_000],
  [/claude-(?:opus|sonnet)-4/, 64_000],
  [/claude-(?:opus|sonnet|haiku)-5/, 128_000],
  [/claude-3[-.]7/, 64_000],
  [/claude-3[-.]5/, 8_192],
  [/claude-3/, 4_096],
];

/**
 * Anthropic's page gives the prices of its cache as multiples of input: 0.1 to read, 1.25 and 2 to write for five minutes and
 * for an hour.
 */
export const ANTHROPIC_MODELS: readonly KnownModel[] = [
  {
    name: 'claude-opus-5-5',
    input: 4,
    cachedInput: 0.4,
    cacheWrite: 5,
    cacheWrite1h: 8,
    output: 20,
    contextWindow: 1_000_000,
    lacks: [],
    ...READ,
  },
  {
    name: 'claude-opus-5',
    input: 5,
    cachedInput: 0.5,
    cacheWrite: 6.25,
    cacheWrite1h: 10,
    output: 25,
    contextWindow: 1_000_000,
    lacks: [],
    ...READ,
  },
  {
    name: 'claude-opus-4-5',
    input: 5,
    cachedInput: 0.5,
    cacheWrite: 6.25,
    cacheWrite1h: 10,
    output: 25,
    contextWindow: 200_000,
    lacks: [],
    ...READ,
  },
  {
    name: 'claude-opus-4-1',
    input: 15,
    cachedInput: 1.5,
    cacheWrite: 18.75,
    cacheWrite1h: 30,
    output: 75,
    contextWindow: 200_000,
    lacks: [],
    ...READ,
  },
  {
    name: 'claude-sonnet-5-5',
    input: 2,
    cachedInput: 0.2,
    cacheWrite: 2.5,
    cacheWrite1h: 4,
    output: 10,
    contextWindow: 1_000_000,
    lacks: [],
    ...READ,
  },
  {
    name: 'claude-sonnet-4-5',
    input: 3,
    cachedInput: 0.3,
    cacheWrite: 3.75,
    cacheWrite1h: 6,
    output: 15,
    contextWindow: 200_000,
    lacks: [],
    ...READ,
  },
  {
    name: 'claude-haiku-4-5',
    input: 1,
    cachedInput: 0.1,
    cacheWrite: 1.25,
    cacheWrite1h: 2,
    output: 5,
    contextWindow: 200_000,
    lacks: [],
    ...READ,
  },
];
