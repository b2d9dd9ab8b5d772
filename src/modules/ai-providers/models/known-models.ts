import type { AIProviderType } from '../interfaces/ai-provider.interface.js';
import type { Feature } from './feature.interface.js';

/** US dollars per million tokens, the vendor's standard tier. */
export interface KnownPrices {
  input: number;
  output: number;
  /** Read from the vendor's cache. */
  cachedInput?: number;
  /** Written to it for five minutes and for an hour, where that costs more than input. */
  cacheWrite?: number;
  cacheWrite1h?: number;
}

/** What a vendor's page says of a model when asked by its own API. */
export interface KnownModel extends KnownPrices {
  /** The name without a date or `latest`. */
  name: string;
  /** The prices of a whole request whose prompt has more tokens than that. */
  tiers?: readonly (KnownPrices & { abovePromptTokens: number })[];
  /** Largest prompt plus answer in tokens. */
  contextWindow: number;
  /** Tokens of an answer at most, where the vendor's page of models says so. */
  maxOutput?: number;
  /** What it cannot do that its vendor's dialect can carry. */
  lacks: readonly Feature[];
  /** Where that was read, and when. */
  source: string;
  asOf: string;
}

const OPENAI = { source: 'https://developers.openai.com/api/docs/pricing', asOf: '2026-11-05' } as const;
const CLAUDE = {
  source: 'https://platform.claude.com/docs/en/about-claude/pricing',
  asOf: '2026-11-05',
} as const;
const GEMINI = { source: 'https://ai.google.dev/gemini-api/docs/pricing', asOf: '2026-11-05' } as const;

/** The Chat Completions API takes sound only by the audio models: https://developers.openai.com/api/docs/guides/audio */
const SOUNDLESS = ['audio'] as const;

/**
 * The longest answers of Claude's models in tokens, by the beginning of their names, the more particular first:
 * https://platform.claude.com/docs/en/about-claude/models/overview, read 2026-12-01. They are the model's own, whoever serves it.
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
 * Public list prices of well-known models, for providers that were registered without a price. Anthropic's page gives the
 * prices of its cache as multiples of input: 0.1 to read, 1.25 and 2 to write for five minutes and for an hour. What OpenAI's
 * and Google's models write to their caches by themselves costs as input.
 */
export const KNOWN_MODELS: Readonly<Record<AIProviderType, readonly KnownModel[]>> = {
  OPENAI: [
    {
      name: 'gpt-5.4-mini',
      input: 0.75,
      cachedInput: 0.075,
      output: 4.5,
      contextWindow: 400_000,
      maxOutput: 128_000,
      lacks: SOUNDLESS,
      ...OPENAI,
    },
    {
      name: 'gpt-5.4-nano',
      input: 0.2,
      cachedInput: 0.02,
      output: 1.25,
      contextWindow: 400_000,
      maxOutput: 128_000,
      lacks: SOUNDLESS,
      ...OPENAI,
    },
    {
      name: 'gpt-5.1',
      input: 1.25,
      cachedInput: 0.125,
      output: 10,
      contextWindow: 400_000,
      maxOutput: 128_000,
      lacks: SOUNDLESS,
      ...OPENAI,
    },
    {
      name: 'gpt-5',
      input: 1.25,
      cachedInput: 0.125,
      output: 10,
      contextWindow: 400_000,
      maxOutput: 128_000,
      lacks: SOUNDLESS,
      ...OPENAI,
    },
    {
      name: 'gpt-5-mini',
      input: 0.25,
      cachedInput: 0.025,
      output: 2,
      contextWindow: 400_000,
      maxOutput: 128_000,
      lacks: SOUNDLESS,
      ...OPENAI,
    },
    {
      name: 'gpt-5-nano',
      input: 0.05,
      cachedInput: 0.005,
      output: 0.4,
      contextWindow: 400_000,
      maxOutput: 128_000,
      lacks: SOUNDLESS,
      ...OPENAI,
    },
    {
      name: 'gpt-4.1',
      input: 2,
      cachedInput: 0.5,
      output: 8,
      contextWindow: 1_047_576,
      maxOutput: 32_768,
      lacks: SOUNDLESS,
      ...OPENAI,
    },
    {
      name: 'gpt-4.1-mini',
      input: 0.4,
      cachedInput: 0.1,
      output: 1.6,
      contextWindow: 1_047_576,
      maxOutput: 32_768,
      lacks: SOUNDLESS,
      ...OPENAI,
    },
    {
      name: 'gpt-4.1-nano',
      input: 0.1,
      cachedInput: 0.025,
      output: 0.4,
      contextWindow: 1_047_576,
      maxOutput: 32_768,
      lacks: SOUNDLESS,
      ...OPENAI,
    },
    {
      name: 'gpt-4o',
      input: 2.5,
      cachedInput: 1.25,
      output: 10,
      contextWindow: 128_000,
      maxOutput: 16_384,
      lacks: SOUNDLESS,
      ...OPENAI,
    },
    {
      name: 'gpt-4o-mini',
      input: 0.15,
      cachedInput: 0.075,
      output: 0.6,
      contextWindow: 128_000,
      maxOutput: 16_384,
      lacks: SOUNDLESS,
      ...OPENAI,
    },
    {
      name: 'o3',
      input: 2,
      cachedInput: 0.5,
      output: 8,
      contextWindow: 200_000,
      maxOutput: 100_000,
      lacks: SOUNDLESS,
      ...OPENAI,
    },
    {
      name: 'o4-mini',
      input: 1.1,
      cachedInput: 0.275,
      output: 4.4,
      contextWindow: 200_000,
      maxOutput: 100_000,
      lacks: SOUNDLESS,
      ...OPENAI,
    },
  ],
  ANTHROPIC: [
    {
      name: 'claude-opus-5-5',
      input: 4,
      cachedInput: 0.4,
      cacheWrite: 5,
      cacheWrite1h: 8,
      output: 20,
      contextWindow: 1_000_000,
      lacks: [],
      ...CLAUDE,
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
      ...CLAUDE,
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
      ...CLAUDE,
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
      ...CLAUDE,
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
      ...CLAUDE,
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
      ...CLAUDE,
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
      ...CLAUDE,
    },
  ],
  GOOGLE: [
    {
      name: 'gemini-2.5-pro',
      input: 1.25,
      cachedInput: 0.125,
      output: 10,
      tiers: [{ abovePromptTokens: 200_000, input: 2.5, cachedInput: 0.25, output: 15 }],
      contextWindow: 1_048_576,
      maxOutput: 65_536,
      lacks: [],
      ...GEMINI,
    },
    {
      name: 'gemini-2.5-flash',
      input: 0.3,
      cachedInput: 0.03,
      output: 2.5,
      contextWindow: 1_048_576,
      maxOutput: 65_536,
      lacks: [],
      ...GEMINI,
    },
    {
      name: 'gemini-2.5-flash-lite',
      input: 0.1,
      cachedInput: 0.01,
      output: 0.4,
      contextWindow: 1_048_576,
      maxOutput: 65_536,
      lacks: [],
      ...GEMINI,
    },
  ],
  CUSTOM: [],
};
