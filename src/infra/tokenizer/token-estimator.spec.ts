import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BytePairs, LONGEST_RUN } from './byte-pairs.js';
import { roughTokens } from './rough-tokens.js';
import { TokenCount } from './token-count.js';
import { TokenEstimator } from './token-estimator.js';
import { loadVocabulary, type Vocabulary } from './vocabulary.js';

const library = createRequire(import.meta.url)('gpt-tokenizer/encoding/cl100k_base') as {
  countTokens(text: string, options: { disallowedSpecial: Set<string> }): number;
};
const byLibrary = (text: string): number => library.countTokens(text, { disallowedSpecial: new Set() });

/** What ordinary texts are made of, and what is next to it in none. */
const word = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'the',
      ' The',
      " don't",
      ' Straße',
      ' слово',
      '漢字',
      ' 12345',
      '\n',
      '\r\n ',
      '  ',
    ),
  },
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('\ud83d', '\udc00', '\u0000', '🙂', '<|endoftext|>', 'a\u0301'),
);
const text = fc.array(word, { maxLength: 60 }).map((words) => words.join(''));

/** So many of one thing, or of many in any order. */
const nasty: [string, string][] = [
  ['one letter', 'a'.repeat(65_536)],
  ['one ideograph', '漢'.repeat(65_536)],
  [
    'ideographs in no order',
    Array.from({ length: 65_536 }, (_, at) => String.fromCharCode(0x4e00 + ((at * 7919) % 20_000))).join(''),
  ],
  [
    'letters in no order',
    Array.from({ length: 65_536 }, (_, at) => String.fromCharCode(97 + ((at * at * 31) % 26))).join(''),
  ],
  ['blanks', ' '.repeat(65_536)],
  ['line ends', '\n'.repeat(65_536)],
  ['marks', '!?#'.repeat(21_845)],
  ['halves of pairs', '\ud83d'.repeat(65_536)],
];

describe('TokenEstimator', () => {
  const estimator = new TokenEstimator();

  it('counts nothing in an empty text', async () => {
    expect(await estimator.count('')).toBe(0);
    expect(estimator.estimate('')).toBe(0);
  });

  it('judges by the characters alone until the vocabulary is there', () => {
    expect(new TokenEstimator().estimate('a text of 25 characters..')).toBe(
      roughTokens('a text of 25 characters..'),
    );
  });

  it('counts as the library does', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        expect(await estimator.count(given)).toBe(byLibrary(given));
      }),
      {
        numRuns: 1_000,
        examples: [['hello world'], ['<|endoftext|> hi'], [' '.repeat(300) + 'x'], ['a'.repeat(LONGEST_RUN)]],
      },
    );
  });

  it('estimates at once what fits into a turn as the library counts it', async () => {
    await estimator.count('loaded');
    await new Promise((resolve) => setImmediate(resolve));
    expect(estimator.estimate('Hello, world! And more.')).toBe(byLibrary('Hello, world! And more.'));
  });

  it('extrapolates a long text from its beginning', async () => {
    const sentence = 'lorem ipsum dolor ';
    const short = await estimator.count(sentence.repeat(3_000));
    const long = await estimator.count(sentence.repeat(30_000));
    expect(long / short).toBeCloseTo(10, 1);
    expect(estimator.estimate(sentence.repeat(30_000)) / long).toBeCloseTo(1, 1);
  });

  it('counts a text of which only the beginning is held by as much', async () => {
    const held = 'ten of them';
    const given = { length: 1_000, toString: () => held };
    expect(await estimator.count(given)).toBe(Math.ceil((byLibrary(held) * 1_000) / held.length));
  });

  it('takes several turns for a long text and serves whoever comes meanwhile', async () => {
    let turns = 0;
    let isDone = false;
    const turn = (): void => {
      turns += 1;
      if (!isDone) setImmediate(turn);
    };
    setImmediate(turn);
    const counts = await Promise.all(nasty.map(([, given]) => estimator.count(given)));
    isDone = true;
    expect(turns).toBeGreaterThan(50);
    counts.forEach((count) => expect(count).toBeGreaterThan(0));
  });
});

describe('what is done in one step', () => {
  let vocabulary: Vocabulary;
  beforeAll(async () => {
    const loaded = await loadVocabulary(() => false);
    if (loaded === null) throw new Error('There is no vocabulary');
    vocabulary = loaded;
  });

  it.each(nasty)('is bounded for %s, and all of it for a text of 64 KiB', (_, given) => {
    const lookUps = { count: 0 };
    const counted = {
      rankOf: (bytes: string): number | undefined => {
        lookUps.count += 1;
        expect(bytes.length).toBeLessThanOrEqual(LONGEST_RUN);
        return vocabulary.rankOf(bytes);
      },
    };
    const count = new TokenCount(given, new BytePairs(counted));
    let most = 0;
    let steps = 0;
    for (; !count.isDone; steps += 1) {
      const before = lookUps.count;
      count.step(1_500);
      most = Math.max(most, lookUps.count - before);
    }
    // A byte to merge is looked up with each neighbour, once at first and twice at each merge.
    expect(most).toBeLessThan(4 * (1_500 + LONGEST_RUN));
    expect(steps).toBeLessThan((4 * 65_536) / 1_500 + 1);
  });

  it('estimates a long run about as the library counts it', () => {
    for (const [, given] of nasty.slice(0, 4)) {
      const part = given.slice(0, 3_000);
      const count = new TokenCount(part, new BytePairs(vocabulary));
      while (!count.isDone) count.step(1_000);
      const ratio = count.forLength(part.length) / byLibrary(part);
      expect(ratio).toBeGreaterThan(0.95);
      expect(ratio).toBeLessThan(1.1);
    }
  });

  it('stops loading when it is told to', async () => {
    expect(await loadVocabulary(() => true)).toBeNull();
  });
});
