import type { FactoryProvider } from '@nestjs/common';
import { APP_CONFIG } from '../../../infra/config/config.token.js';
import type { QueueConfig } from './queue.config.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import type { AdmittedAttempt } from './admission.ports.js';
import { PriorityWaitQueue } from '../resilience/queue/priority-wait-queue.js';
import type { TakeResult } from '../resilience/queue/wait-queue.interface.js';

/** The queue of requests whose candidates are all at their limit. */
export type RequestQueue<Attempt extends AdmittedAttempt = AdmittedAttempt> = PriorityWaitQueue<
  () => TakeResult<Attempt | null>,
  Attempt | null
>;

/** Token under which Nest injects the `RequestQueue`. */
export const REQUEST_QUEUE = Symbol('RequestQueue');

export const REQUEST_QUEUE_PROVIDER: FactoryProvider<RequestQueue> = {
  provide: REQUEST_QUEUE,
  inject: [APP_CONFIG, CLOCK],
  useFactory: ({ queue }: { readonly queue: QueueConfig }, clock: Clock) =>
    new PriorityWaitQueue({
      clock,
      capacity: queue.maxSize,
      capacityPerCaller: queue.maxPerCaller,
      tryTake: ({ need }) => need(),
    }),
};
