import { toTransportError } from '../../../../infra/http-client/transport.error.js';
import type { TransportError } from '../../../../infra/http-client/transport.error.js';
import { ProviderError } from '../../errors/provider.error.js';

/** The fault of a failure below HTTP, without the host in its text; undefined where `error` is something else. */
export function transportFault(error: unknown): ProviderError | undefined {
  const failure = toTransportError(error);
  return failure && fromTransport(failure);
}

function fromTransport(cause: TransportError): ProviderError {
  switch (cause.kind) {
    case 'connect_timeout':
      return new ProviderError('timeout', cause.summary, { phase: 'connect', cause });
    case 'connection':
    case 'egress_refused':
    case 'aborted':
      return new ProviderError(cause.kind, cause.summary, { cause });
  }
}
