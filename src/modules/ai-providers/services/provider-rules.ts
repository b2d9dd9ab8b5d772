import type { EgressPolicy } from '../../../infra/http/egress-policy.js';
import type { AIError } from '../errors/ai.error.js';
import { fieldProblem, validationFailed } from '../errors/field-problem.js';
import type {
  AIProviderChanges,
  AIProviderConfig,
  AIProviderSettings,
} from '../interfaces/ai-provider.interface.js';

/** Where each vendor is reached when a provider names no endpoint. */
const VENDOR_HOSTS = {
  OPENAI: 'api.openai.com',
  ANTHROPIC: 'api.anthropic.com',
  GOOGLE: 'generativelanguage.googleapis.com',
} as const;

/** Fields that a change may not take away. */
const REQUIRED_FIELDS = ['name', 'type', 'model', 'isActive'] as const;

/** What a header field may carry of a key: visible ASCII (RFC 9110 §5.5). */
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

/** A provider as it would be stored: its settings, and whether a key goes with them. */
interface ProposedProvider {
  settings: AIProviderSettings;
  apiKey: string | null | undefined;
  /** The provider as it stands, for a change. */
  current?: AIProviderConfig;
}

/**
 * The rules that concern more than one field.
 * @throws AIError `VALIDATION_FAILED`, naming every field at fault.
 */
export function assertProviderRules(proposed: ProposedProvider, egress: EgressPolicy): void {
  const problems = [...endpointProblems(proposed.settings, egress), ...keyProblems(proposed)];
  if (problems.length > 0) throw invalid(problems);
}

/** @throws AIError `VALIDATION_FAILED` where a change takes away what a provider cannot be without. */
export function assertNothingRequiredCleared(changes: AIProviderChanges): void {
  const cleared = REQUIRED_FIELDS.filter((field) => changes[field] === null);
  if (cleared.length > 0) throw invalid(cleared.map((field) => `${field} must not be null`));
}

function endpointProblems({ type, endpoint }: AIProviderSettings, egress: EgressPolicy): string[] {
  if (endpoint === null) {
    return type === 'CUSTOM' ? ['endpoint must be given for a provider of type CUSTOM'] : [];
  }
  if (!URL.canParse(endpoint)) return ['endpoint must be a URL'];
  const url = new URL(endpoint);
  if (url.username || url.password) return ['endpoint must not hold a user name or password'];
  if (url.search || url.hash) return ['endpoint must not have a query or a fragment'];
  const verdict = egress.check(endpoint);
  return verdict.allowed ? [] : [`endpoint is refused: ${verdict.reason}`];
}

function keyProblems({ settings, apiKey, current }: ProposedProvider): string[] {
  if (typeof apiKey === 'string') {
    return VISIBLE_ASCII.test(apiKey) ? [] : ['apiKey must be visible ASCII characters without spaces'];
  }
  const keepsKey = apiKey === undefined && current !== undefined && current.apiKeyHint !== null;
  if (!keepsKey) {
    return settings.type === 'CUSTOM' || !settings.isActive
      ? []
      : [`apiKey must be given for type ${settings.type}`];
  }
  // What is no URL has no host; that it is none is said of the endpoint.
  if (settings.endpoint !== null && !URL.canParse(settings.endpoint)) return [];
  if (hostOf(settings) !== hostOf(current)) {
    return [
      'apiKey must be given again when the endpoint moves to another host: a stored key stays with its host',
    ];
  }
  return isEncrypted(current) && !isEncrypted(settings)
    ? [
        'apiKey must be given again when the endpoint goes from https to http: a stored key does not go in clear',
      ]
    : [];
}

function hostOf({ type, endpoint }: AIProviderSettings): string | null {
  if (endpoint !== null) return new URL(endpoint).hostname;
  return type === 'CUSTOM' ? null : VENDOR_HOSTS[type];
}

function isEncrypted({ endpoint }: AIProviderSettings): boolean {
  return endpoint === null || new URL(endpoint).protocol === 'https:';
}

function invalid(problems: string[]): AIError {
  return validationFailed(problems.map(fieldProblem));
}
