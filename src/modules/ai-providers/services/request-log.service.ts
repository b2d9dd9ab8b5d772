import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '../../../infra/logging/logger.interface.js';
import type { AttemptRecord, RequestEvent } from '../interfaces/request-event.interface.js';
import { EndedRequests, type RequestObserver } from './ended-requests.js';

/** What a line says. */
interface EndedRequest extends Pick<RequestEvent, 'requestId' | 'caller' | 'code' | 'latency' | 'streamed'> {
  providerId: string | null;
  recovered?: true;
  metadata?: RequestEvent['metadata'];
  failedAttempts?: object[];
}

/** Writes how requests ended to the log: a line each, with the failed tries in it. */
@Injectable()
export class RequestLogService implements RequestObserver {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    ended: EndedRequests,
  ) {
    ended.watchedBy(this);
  }

  requestEnded(event: RequestEvent): void {
    const { requestId, caller, code, streamed, latency, attempts } = event;
    const details: EndedRequest = {
      requestId,
      caller,
      code,
      providerId: attempts.findLast(({ outcome }) => outcome === 'success')?.providerId ?? null,
      latency,
      streamed,
    };
    if (event.recovered) details.recovered = true;
    if (event.metadata) details.metadata = event.metadata;
    const failed = attempts.filter(({ outcome }) => outcome !== 'success');
    if (failed.length > 0) details.failedAttempts = failed.map(failure);
    if (code === null) this.logger.info(details, 'Request answered');
    else this.logger.warn(details, 'Request not answered');
  }
}

function failure({ providerId, tryNumber, outcome, status, reason, latency }: AttemptRecord): object {
  return { providerId, tryNumber, outcome, status, reason, latency };
}
