import { TokenEstimator } from './token-estimator.js';

describe('TokenEstimator', () => {
  const estimator = new TokenEstimator();

  it('counts nothing in an empty text', () => {
    expect(estimator.count('')).toBe(0);
  });

  it('counts as the cl100k_base encoding does', () => {
    expect(estimator.count('hello world')).toBe(2);
  });

  it('takes what looks like a special token for text', () => {
    expect(estimator.count('<|endoftext|> hi')).toBe(8);
  });

  it('extrapolates a long text from its beginning', () => {
    const sentence = 'lorem ipsum dolor ';
    const short = estimator.count(sentence.repeat(3_000));
    const long = estimator.count(sentence.repeat(30_000));
    expect(long / short).toBeCloseTo(10, 0);
  });

  it('counts a text of which only the beginning is held by as much', () => {
    const held = 'ten of them';
    const tokens = estimator.count(held);
    const text = { length: 1_000, toString: () => held };
    expect(estimator.count(text)).toBe(Math.ceil((tokens * 1_000) / held.length));
  });
});
