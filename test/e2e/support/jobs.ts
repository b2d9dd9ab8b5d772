import type { AIJob, JobStatus } from '../../../src/index.js';
import { eventually } from '../../integration/support/eventually.js';
import type { Answer, RunningService } from './running-service.js';

const PATH = '/ai-providers/jobs';

/** Queues a completion and gives the whole answer. */
export function submit(
  service: RunningService,
  body: object,
  headers: Record<string, string> = {},
): Promise<Answer<AIJob>> {
  return service.call<AIJob>('POST', PATH, body, headers);
}

/** Queues a completion that is taken, and gives its id. */
export async function queued(
  service: RunningService,
  body: object,
  headers: Record<string, string> = {},
): Promise<string> {
  const { status, body: job, text } = await submit(service, body, headers);
  if (status !== 202) throw new Error(`The job was not taken: ${text}`);
  return job.id;
}

export function lookUp(service: RunningService, id: string): Promise<Answer<AIJob>> {
  return service.call<AIJob>('GET', `${PATH}/${id}`);
}

export function cancel(
  service: RunningService,
  id: string,
  headers: Record<string, string> = {},
): Promise<Answer<AIJob>> {
  return service.call<AIJob>('DELETE', `${PATH}/${id}`, undefined, headers);
}

/** The job once it has that status. */
export async function untilStatus(
  service: RunningService,
  id: string,
  status: JobStatus,
  ms = 30_000,
): Promise<AIJob> {
  let job: AIJob | undefined;
  await eventually(ms, async () => {
    job = (await lookUp(service, id)).body;
    return job.status === status;
  }).catch((error: unknown) => {
    throw new Error(`Job is not ${status}: ${JSON.stringify(job)}`, { cause: error });
  });
  return job as AIJob;
}
