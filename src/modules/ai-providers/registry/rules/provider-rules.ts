import type { EgressPolicy } from '../../../../infra/http-client/egress-policy.js';
import type { AIError } from '../../errors/ai.error.js';
import { fieldProblem, validationFailed } from '../../errors/field-problem.js';
import type { AIProviderChanges, AIProviderSettings } from '../../interfaces/ai-provider.interface.js';
import { authHeaderProblem, headerProblems } from './provider-headers.js';
import { originOf, vendorOf, type VendorType } from './vendor-host.js';

/** Fields that a change may not take away. */
const REQUIRED_FIELDS = ['name', 'type', 'model', 'isActive'] as const;

/** What a header field may carry of a key: visible ASCII (RFC 9110 §5.5). */
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

/** The variable in which each vendor's key may be. */
export const KEY_VARIABLES: Readonly<Record<VendorType, string>> = {
  OPENAI: 'OPENAI_API_KEY',
  ANTHROPIC: 'ANTHROPIC_API_KEY',
  GOOGLE: 'GOOGLE_AI_API_KEY',
};

/** What is stored of a provider now, as far as the rules go. */
export interface StoredProvider extends Pick<AIProviderSettings, 'type' | 'endpoint'> {
  hasKey: boolean;
  headerNames: readonly string[];
  isPurged: boolean;
}

/** A provider as it would be stored. */
export interface ProposedProvider {
  settings: AIProviderSettings;
  /** What the caller says of the secrets; undefined: nothing. */
  given: Pick<AIProviderChanges, 'apiKey' | 'headers'>;
  /** The provider as it stands, for a change. */
  stored?: StoredProvider;
  /** Whether the vendor's variable holds a key. */
  hasVariable: (vendor: VendorType) => boolean;
}

/**
 * The rules that concern more than one field.
 * @throws AIError `VALIDATION_FAILED`, naming every field at fault.
 */
export function assertProviderRules(proposed: ProposedProvider, egress: EgressPolicy): void {
  const { settings, given } = proposed;
  const problems = [
    ...endpointProblems(settings, egress),
    ...authProblems(proposed),
    ...givenHeaderProblems(proposed),
    ...(typeof given.apiKey === 'string' && !VISIBLE_ASCII.test(given.apiKey)
      ? ['apiKey must be visible ASCII characters without spaces']
      : []),
  ];
  // Where the address itself is wrong there is no telling whether secrets fit it.
  if (problems.length === 0) problems.push(...movedSecretProblems(proposed), ...missingKeyProblems(proposed));
  if (problems.length > 0) throw invalid(problems);
}

/** @throws AIError `VALIDATION_FAILED` where a change takes away what a provider cannot be without. */
export function assertNothingRequiredCleared(changes: AIProviderChanges): void {
  const cleared = REQUIRED_FIELDS.filter((field) => changes[field] === null);
  if (cleared.length > 0) throw invalid(cleared.map((field) => `${field} must not be null`));
}

/** A refusal that names each field. */
export function invalid(problems: string[]): AIError {
  return validationFailed(problems.map(fieldProblem));
}

/** Whether a change sends calls somewhere else than before: another origin, or another vendor's words for the key. */
export function isMoved(settings: AIProviderSettings, stored: StoredProvider): boolean {
  return settings.type !== stored.type || originOf(settings) !== originOf(stored);
}

function endpointProblems({ type, endpoint }: AIProviderSettings, egress: EgressPolicy): string[] {
  if (endpoint === null)
    return type === 'CUSTOM' ? ['endpoint must be given for a provider of type CUSTOM'] : [];
  const verdict = egress.check(endpoint);
  return verdict.allowed ? [] : [`endpoint is refused: ${verdict.reason}`];
}

function authProblems({ settings, given, stored }: ProposedProvider): string[] {
  const { type, endpoint, authHeader } = settings;
  if (authHeader === 'bearer') return [];
  const mayChoose = type === 'CUSTOM' || (type === 'OPENAI' && endpoint !== null);
  if (!mayChoose) return ['authHeader must be bearer but for CUSTOM, and for OPENAI with an endpoint'];
  const problem = authHeaderProblem(authHeader);
  if (problem !== null) return [problem];
  const kept = given.headers === undefined ? (stored?.headerNames ?? []) : [];
  return kept.some((name) => name.toLowerCase() === authHeader.toLowerCase())
    ? ['authHeader must not be one of the headers that are stored']
    : [];
}

function givenHeaderProblems({ settings, given: { headers }, stored }: ProposedProvider): string[] {
  if (headers === undefined || headers === null) return [];
  if (!isNameList(headers)) return headerProblems(headers, settings.authHeader);
  const known = new Set(stored?.headerNames);
  return headers.every((name) => known.has(name))
    ? []
    : ['headers must be an object of names and texts, or on PUT a list of names that are stored'];
}

/** A stored secret stays with its host: it is given anew, or left behind. */
function movedSecretProblems({ settings, given, stored }: ProposedProvider): string[] {
  if (stored === undefined || !isMoved(settings, stored)) return [];
  const { apiKey, headers } = given;
  const cause = settings.type === stored.type ? 'endpoint' : 'type and endpoint';
  if (stored.hasKey && apiKey === undefined)
    return [
      `${cause} must not change to another host without a new apiKey: a stored key stays with its host`,
    ];
  if (isNameList(headers) && headers.length > 0)
    return ['headers must be given with their values when the endpoint changes to another host'];
  const bringsNew = typeof apiKey === 'string' || headers !== undefined;
  return stored.headerNames.length > 0 && !bringsNew
    ? [
        `${cause} must not change to another host without a new apiKey or new headers: what is stored stays with its host`,
      ]
    : [];
}

function missingKeyProblems({ settings, given, stored, hasVariable }: ProposedProvider): string[] {
  if (typeof given.apiKey === 'string' || !settings.isActive) return [];
  if (stored?.isPurged) return ['apiKey must be given to activate a purged provider'];
  if (given.apiKey === undefined && stored?.hasKey) return [];
  if (settings.type === 'CUSTOM') return [];
  const vendor = vendorOf(settings);
  if (vendor === null)
    return [
      `apiKey must be given for type ${settings.type} at another endpoint than the vendor's: its variable is for the vendor alone`,
    ];
  return hasVariable(vendor)
    ? []
    : [`apiKey must be given for type ${vendor}, or ${KEY_VARIABLES[vendor]} be set`];
}

/** Of headers: a list of names to keep, not an object of values to set. */
export function isNameList(headers: AIProviderChanges['headers']): headers is readonly string[] {
  return Array.isArray(headers);
}
