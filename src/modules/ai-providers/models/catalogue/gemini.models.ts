import type { KnownModel } from './known-model.interface.js';

/** Where the entries below were read, and when. */
const READ = { source: 'https://ai.google.dev/gemini-api/docs/pricing', asOf: '2026-11-05' } as const;

/** What Google's models write to its cache by themselves costs as input. */
export const GEMINI_MODELS: readonly KnownModel[] = [
  {
    name: 'gemini-2.5-pro',
    input: 1.25,
    cachedInput: 0.125,
    output: 10,
    tiers: [{ abovePromptTokens: 200_000, input: 2.5, cachedInput: 0.25, output: 15 }],
    contextWindow: 1_048_576,
    maxOutput: 65_536,
    lacks: [],
    ...READ,
  },
  {
    name: 'gemini-2.5-flash',
    input: 0.3,
    cachedInput: 0.03,
    output: 2.5,
    contextWindow: 1_048_576,
    maxOutput: 65_536,
    lacks: [],
    ...READ,
  },
  {
    name: 'gemini-2.5-flash-lite',
    input: 0.1,
    cachedInput: 0.01,
    output: 0.4,
    contextWindow: 1_048_576,
    maxOutput: 65_536,
    lacks: [],
    ...READ,
  },
];
