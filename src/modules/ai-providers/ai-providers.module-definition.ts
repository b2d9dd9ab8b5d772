import { ConfigurableModuleBuilder, type Provider } from '@nestjs/common';
import { AIMonitoringController } from './ai-monitoring.controller.js';
import { AIProvidersController } from './ai-providers.controller.js';
import { AIRoutingController } from './ai-routing.controller.js';
import type { AppConfigOverrides } from '../../app-config.js';
import { ROUTE_GUARDIAN } from '../../foundation.module.js';
import type { Policy } from './policies/policy.interface.js';
import { LOGGER, type Logger } from '../../infra/logging/logger.interface.js';

/** What `forRoot` takes: any part of the configuration, before the environment and the defaults. */
export type AIProvidersModuleOptions = AppConfigOverrides;

/** What decides the module's shape, and so cannot wait for a factory. */
export interface AIProvidersModuleExtras {
  /** false leaves the HTTP controllers out. */
  controllers?: boolean;
  /**
   * Who guards the HTTP controllers while there are no access keys. `host`: the application does it by itself, with guards
   * of its own. Left out, they answer callers on this machine alone.
   */
  access?: 'host';
  /** false keeps the exports to the modules that import this one. */
  isGlobal?: boolean;
  /**
   * What is done around every request besides the module's own policies, in this order and before them, such as a guardrail.
   * Each sees the request before anybody is asked, and a provider's answer before the caller has it; an answer of the cache, which
   * every policy of its time has let through, it does not see again.
   */
  policies?: readonly Policy[];
  /** Where the log goes; left out, to the logger that the application gave Nest. Nothing is redacted on the way. */
  logger?: Logger;
  /**
   * Providers of the application's own in place of the module's, each under an exported token: `CLOCK` (a `Clock`),
   * `ANSWER_STORE` (an `AnswerStore`), `REQUEST_LISTENERS` (an array of `RequestListener`), `HOST_POLICIES` (an array of
   * `Policy`, for policies that have something injected). They may inject what global modules and the `imports` of `forRootAsync` export, and one another.
   */
  extensions?: Provider[];
}

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<AIProvidersModuleOptions>()
    .setClassMethodName('forRoot')
    .setExtras<AIProvidersModuleExtras>(
      {
        controllers: true,
        access: undefined,
        isGlobal: false,
        logger: undefined,
        policies: [],
        extensions: [],
      },
      (definition, { controllers, access, isGlobal, logger }) => ({
        ...definition,
        providers: [
          ...(definition.providers ?? []),
          ...(access === undefined ? [] : [{ provide: ROUTE_GUARDIAN, useValue: access }]),
          ...(logger === undefined ? [] : [{ provide: LOGGER, useValue: logger }]),
        ],
        global: isGlobal ?? false,
        controllers:
          controllers === false ? [] : [AIMonitoringController, AIProvidersController, AIRoutingController],
      }),
    )
    .build();
