import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { APP_CONFIG } from '../../infra/config/config.token.js';
import type { HttpConfig } from './http.config.js';

/** How long after the time to shut down what was aborted has to reach its caller, in milliseconds. */
const FAREWELL_MS = 500;

/** As much of Node's HTTP servers as is used; one of HTTP/2 has no such method. */
interface ClosableServer {
  closeAllConnections?(): void;
}

/**
 * Closes the connections that are open when the time to shut down is over. A server that stops waits for each of them, and
 * since it checks their time limits no longer, a caller who does not read his answer or send his body would keep the
 * application from ever ending.
 */
@Injectable()
export class ConnectionCloser implements OnModuleDestroy {
  constructor(
    private readonly host: HttpAdapterHost,
    @Inject(APP_CONFIG) private readonly config: { readonly http: HttpConfig },
  ) {}

  /** The first step of a shutdown: what comes later waits for requests. */
  onModuleDestroy(): void {
    // Null in an application that listens nowhere.
    const adapter = this.host.httpAdapter as HttpAdapterHost['httpAdapter'] | null | undefined;
    const server = adapter?.getHttpServer() as ClosableServer | null | undefined;
    if (!server) return;
    setTimeout(
      () => server.closeAllConnections?.(),
      this.config.http.shutdownTimeoutMs + FAREWELL_MS,
    ).unref();
  }
}
