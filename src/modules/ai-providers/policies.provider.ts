import { hash } from 'node:crypto';
import type { FactoryProvider } from '@nestjs/common';
import { APP_CONFIG } from '../../infra/config/config.token.js';
import { CLOCK, type Clock } from './interfaces/clock.interface.js';
import { ProviderDirectory } from './registry/provider-directory.js';
import { AnswerCachePolicy } from './policies/cache/answer-cache.policy.js';
import { ANSWER_STORE, type AnswerStore } from './policies/cache/answer-cache.ports.js';
import { AnswerClaims } from './policies/cache/answer.claims.js';
import type { CacheConfig } from './policies/cache/cache.config.js';
import { HOST_POLICIES, POLICIES, type Policy } from './policies/policy.interface.js';

/** The host's policies see every request, also one that the cache answers: they are asked before it. */
export const POLICIES_PROVIDER: FactoryProvider<readonly Policy[]> = {
  provide: POLICIES,
  inject: [
    APP_CONFIG,
    CLOCK,
    ProviderDirectory,
    ANSWER_STORE,
    AnswerClaims,
    { token: HOST_POLICIES, optional: true },
  ],
  useFactory: (
    { cache }: { readonly cache: CacheConfig },
    clock: Clock,
    directory: ProviderDirectory,
    store: AnswerStore,
    claims: AnswerClaims,
    added: readonly Policy[] = [],
  ) => {
    if (cache.ttlSeconds === 0) return added;
    const answers = new AnswerCachePolicy({
      clock,
      directory,
      store,
      claims,
      ttlMs: cache.ttlSeconds * 1_000,
      maxTtlMs: cache.maxTtlSeconds * 1_000,
      digest: (text) => hash('sha256', text, 'base64url'),
    });
    return [...added, answers];
  },
};
