import { describe, expect, it } from '@jest/globals';
import { providerConfig } from '../../../../test/fakes/pipeline-bench.js';
import { isReachedAlike, ProviderDirectory, type ProviderChange } from './provider-directory.js';

const at = (id: string, revision: bigint, more = {}): ReturnType<typeof providerConfig> =>
  providerConfig(id, { revision, ...more });

describe('the providers in memory', () => {
  it('keep the later of two revisions, whichever comes first, and tell of each change once', async () => {
    const book = new ProviderDirectory();
    const told: ProviderChange[] = [];
    book.onChange((change) => {
      told.push(change);
      return undefined;
    });
    const [first, second] = [at('a', 1n), at('a', 2n)];
    await book.put(second);
    await book.put(first);
    await book.replace([at('a', 2n)], book.everyone());
    expect(book.byId('a')).toBe(second);
    expect(told).toEqual([{ id: 'a', before: undefined, after: second }]);
    await book.replace([], book.everyone());
    expect(told.at(-1)).toEqual({ id: 'a', before: second, after: undefined });
    expect(book.all()).toEqual([]);
  });

  it('keep what came while others were read, and do not bring back what was removed meanwhile', async () => {
    const book = new ProviderDirectory();
    await book.put(at('old', 1n));
    const before = book.everyone();
    await book.put(at('new', 2n));
    await book.remove('old');
    await book.replace([at('old', 1n)], before);
    expect(book.all().map(({ id }) => id)).toEqual(['new']);
  });

  it('list no purged ones, and know them all the same', async () => {
    const book = new ProviderDirectory();
    const purged = at('a', 1n, { purgedAt: new Date(0) });
    await book.put(purged);
    expect([book.all(), book.byId('a')]).toEqual([[], purged]);
  });

  it('are done with a change when all who were told are', async () => {
    const book = new ProviderDirectory();
    let isDone = false;
    book.onChange(async () => {
      await Promise.resolve();
      isDone = true;
    });
    await book.put(at('a', 1n));
    expect(isDone).toBe(true);
  });

  const secret = (text: string): { reveal: () => string } => ({ reveal: () => text });
  it.each([
    ['endpoint', { endpoint: 'https://b.example.com' }, false],
    ['type', { type: 'ANTHROPIC' }, false],
    ['key', { apiKey: secret('other') }, false],
    ['lost key', { apiKey: null }, false],
    ['header of the key', { authHeader: 'api-key' }, false],
    ['headers', { headers: [{ name: 'X-A', value: secret('2') }] }, false],
    ['fewer headers', { headers: [] }, false],
    ['same secrets, read anew', { apiKey: secret('sk-test') }, true],
    ['name', { name: 'other', priority: 4 }, true],
  ] as const)('are reached otherwise by another %s or not', (_, more, alike) => {
    const headers = [{ name: 'X-A', value: secret('1') }];
    const before = at('a', 1n, { headers });
    expect(isReachedAlike(before, at('a', 2n, { headers, ...more }))).toBe(alike);
  });
});
