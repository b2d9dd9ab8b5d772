import { describe, expect, it } from '@jest/globals';
import { requestEvent } from '../../../../test/integration/support/request-event.fixture.js';
import { JournalEntry, readJournalLine, writeJournalLines } from './journal-line.js';

describe('a line of the journal', () => {
  const event = requestEvent();

  it('goes into the log as it stands, with what each try cost', () => {
    const line = writeJournalLines([event]).toString().trimEnd();
    const entry = readJournalLine(line);
    expect(entry?.json).toBe(line);
    expect(JSON.parse(line)).toEqual({
      ...event,
      attempts: [
        {
          ...event.attempts[0],
          cost: { input: '0.0003', output: '0.0012', total: '0.0015', currency: 'USD' },
        },
      ],
    });
  });

  it('of an earlier version, without costs, gets them when it is read', () => {
    expect(readJournalLine(JSON.stringify(event))?.json).toBe(JournalEntry.of(event).json);
  });

  it('costs nothing where the answer was kept', () => {
    const { json } = JournalEntry.of(requestEvent({ cached: true }));
    expect(JSON.parse(json)).toMatchObject({ attempts: [{ cost: null }] });
  });

  it.each(['', '{', 'null', '{"id":"x"}', JSON.stringify({ ...requestEvent(), attempts: [null] })])(
    'that holds no event, as %p, is told apart',
    (line) => {
      expect(readJournalLine(line)).toBeNull();
    },
  );
});
