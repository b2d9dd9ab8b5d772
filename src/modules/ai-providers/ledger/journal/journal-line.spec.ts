import { describe, expect, it } from '@jest/globals';
import { requestEvent } from '../../../../../test/integration/support/request-event.fixture.js';
import type { AttemptRecord } from '../../interfaces/request-event.interface.js';
import { readJournalLine, writeJournalLines } from './journal-line.js';

const COST = { input: '0.0003', output: '0.0012', total: '0.0015', currency: 'USD', source: 'provider' };

describe('a line of the journal', () => {
  const event = requestEvent();

  it('goes into the log as it stands, with what each try cost', () => {
    const line = writeJournalLines([event]).toString().trimEnd();
    const entry = readJournalLine(line);
    expect(entry?.json).toBe(line);
    expect(JSON.parse(line)).toEqual(event);
    expect(entry?.event.attempts[0]?.cost).toEqual(COST);
  });

  it('of an earlier version, without costs, gets them when it is read', () => {
    const old = requestEvent({
      attempts: event.attempts.map(({ cost, ...attempt }) => attempt as AttemptRecord),
    });
    expect(readJournalLine(JSON.stringify(old))?.event.attempts[0]?.cost).toEqual(COST);
    const kept = readJournalLine(JSON.stringify({ ...old, cached: true }));
    expect(kept?.event.attempts[0]?.cost).toBeNull();
  });

  it.each(['', '{', 'null', '{"id":"x"}', JSON.stringify({ ...requestEvent(), attempts: [null] })])(
    'that holds no event, as %p, is told apart',
    (line) => {
      expect(readJournalLine(line)).toBeNull();
    },
  );
});
