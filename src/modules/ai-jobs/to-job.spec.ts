import { describe, expect, it } from '@jest/globals';
import type { JobState } from 'bullmq';
import { CANCELLED } from './storage/job-queue.names.js';
import { toJob, type QueuedJob } from './to-job.js';

const TTL_SECONDS = 60;
const ended = { processedOn: 2_000, finishedOn: 3_000, attemptsStarted: 1 };

function jobOf(state: JobState, fields: object = {}): ReturnType<typeof toJob> {
  const data = { request: { prompt: 'Hi' }, requestId: 'r1' };
  const job = { id: 'j1', data, timestamp: 1_000, attemptsStarted: 0, progress: 0, ...fields };
  return toJob(job as unknown as QueuedJob, state, TTL_SECONDS);
}

describe('toJob', () => {
  it.each(['waiting', 'prioritized', 'delayed'] as const)('calls %s queued', (state) => {
    expect(jobOf(state)).toMatchObject({ status: 'queued', progress: 0, finishedAt: null, expiresAt: null });
  });

  it('shows a result with the status completed, and until when it is kept', () => {
    const job = jobOf('completed', { ...ended, returnvalue: { content: 'Yes' } });
    expect(job).toMatchObject({
      status: 'completed',
      progress: 100,
      result: { content: 'Yes' },
      error: null,
    });
    expect([job.finishedAt, job.expiresAt]).toEqual(['1970-01-01T00:00:03.000Z', '1970-01-01T00:01:03.000Z']);
  });

  it('shows the error that was kept, and says so where the processes were lost', () => {
    const kept = jobOf('failed', { ...ended, failedReason: '{"code":"RATE_LIMITED"}' });
    expect(kept).toMatchObject({ status: 'failed', result: null, error: { code: 'RATE_LIMITED' } });
    const lost = jobOf('failed', { ...ended, failedReason: 'job stalled more than allowable limit' });
    expect(lost.error).toMatchObject({ code: 'INTERNAL', requestId: 'r1' });
  });

  it.each(['waiting', 'active', 'failed', 'completed'] as const)(
    'keeps to cancelled when it is %s',
    (state) => {
      const job = jobOf(state, { ...ended, progress: CANCELLED, returnvalue: {}, failedReason: CANCELLED });
      expect(job).toMatchObject({ status: 'cancelled', result: null, error: null });
    },
  );
});
