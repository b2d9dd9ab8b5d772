import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '../../../infra/logging/logger.interface.js';
import type { AttemptRecord, RequestEvent } from '../interfaces/request-event.interface.js';
import type { RequestListener } from '../interfaces/request-listener.interface.js';
import { EndedRequests } from '../ledger/ended-requests.js';

/** What a line says. */
interface EndedRequest extends Pick<
  RequestEvent,
  'requestId' | 'caller' | 'code' | 'cached' | 'latency' | 'streamed'
> {
  providerId: string | null;
  provider: string | null;
  model: string | null;
  promptTokens: number | null;
  completionTokens: number | null;
  /** In decimal; null where no price is known. */
  cost: string | null;
  currency: string | null;
  tries: number;
  recovered?: true;
  metadata?: RequestEvent['metadata'];
  failedAttempts?: object[];
}

/** Writes how requests ended to the log: a line each, with the failed tries in it. */
@Injectable()
export class RequestLogService implements RequestListener {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    ended: EndedRequests,
  ) {
    ended.addListener(this);
  }

  requestEnded(event: RequestEvent): void {
    const { requestId, caller, code, cached, streamed, latency, attempts } = event;
    const answered = attempts.findLast(({ outcome }) => outcome === 'success');
    const details: EndedRequest = {
      requestId,
      caller,
      code,
      providerId: answered?.providerId ?? null,
      provider: answered?.providerName ?? null,
      model: answered?.model ?? null,
      promptTokens: answered?.usage.promptTokens ?? null,
      completionTokens: answered?.usage.completionTokens ?? null,
      cost: cached ? '0' : (answered?.cost?.total ?? null),
      currency: answered?.cost?.currency ?? null,
      cached,
      tries: attempts.length,
      latency,
      streamed,
    };
    if (event.recovered) details.recovered = true;
    if (event.metadata) details.metadata = event.metadata;
    const failed = attempts.filter(({ outcome }) => outcome !== 'success');
    if (failed.length > 0) details.failedAttempts = failed.map(failure);
    if (code === null) this.logger.info(details, `Request answered by ${details.provider}, ${details.model}`);
    else this.logger.warn(details, 'Request not answered');
  }
}

function failure({ providerId, tryNumber, outcome, status, reason, latency }: AttemptRecord): object {
  return { providerId, tryNumber, outcome, status, reason, latency };
}
