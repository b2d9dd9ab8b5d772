import type { FactoryProvider } from '@nestjs/common';
import { APP_CONFIG } from '../../infra/config/config.token.js';
import type { ProductionConfig } from '../../infra/production.config.js';
import type { JobsConfig } from './jobs.config.js';
import { EgressPolicy, parseEgressRule } from '../../infra/http-client/egress-policy.js';

/** Token under which Nest injects the `EgressPolicy` of webhooks. */
export const WEBHOOK_EGRESS = Symbol('WebhookEgress');

/**
 * Where webhooks of jobs may go. Callers name them, so what an operator has allowed providers to reach is not theirs: private
 * hosts have an allowance of their own, and there is none unless it is set.
 */
export const WEBHOOK_EGRESS_PROVIDER: FactoryProvider<EgressPolicy> = {
  provide: WEBHOOK_EGRESS,
  inject: [APP_CONFIG],
  useFactory: ({ production, jobs }: ProductionConfig & { readonly jobs: JobsConfig }) =>
    new EgressPolicy({ production, allow: jobs.webhookAllow.map(parseEgressRule) }),
};
