import type { EgressPolicy } from '../../../infra/http-client/egress-policy.js';
import { KeyDecryptionError } from '../../../infra/crypto/key-decryption.error.js';
import type {
  AIProviderChanges,
  AIProviderSettings,
  NewAIProvider,
  ProviderHeader,
} from '../interfaces/ai-provider.interface.js';
import type { NewProviderRow, ProviderRow, ProviderRowChanges } from './provider-row.js';
import { readEndpoint } from './rules/provider-endpoint.js';
import { providerHeaders, type ProviderKeyVault } from './provider-key.vault.js';
import {
  assertNothingRequiredCleared,
  assertProviderRules,
  invalid,
  isMoved,
  isNameList,
  type StoredProvider,
} from './rules/provider-rules.js';
import { changedSettings, settingsOf, type SettingDefaults } from './provider-settings.js';

/** Makes rows of what operators send: checked, with defaults filled in and secrets encrypted. */
export class ProviderDraft {
  constructor(
    private readonly vault: ProviderKeyVault,
    private readonly egress: EgressPolicy,
    private readonly defaults: SettingDefaults,
  ) {}

  /** The row of a new provider. @throws AIError `VALIDATION_FAILED` */
  async ofNew(id: string, input: NewAIProvider): Promise<NewProviderRow> {
    const given = { ...input, apiKey: input.apiKey?.trim() ?? input.apiKey };
    const settings = sound(settingsOf(given, this.defaults), given);
    this.assertRules(settings, given, undefined);
    const key = await this.vault.seal(given.apiKey ?? null, id);
    const headers = await this.vault.sealHeaders(providerHeaders(Object.entries(given.headers ?? {})), id);
    return { id, ...settings, ...key, ...headers };
  }

  /** What of a row changes. @throws AIError `VALIDATION_FAILED` */
  async ofChange(row: ProviderRow, changes: AIProviderChanges): Promise<ProviderRowChanges> {
    assertNothingRequiredCleared(changes);
    const given = { ...changes, apiKey: changes.apiKey?.trim() ?? changes.apiKey };
    const settings = sound(changedSettings(row, given, this.defaults), given);
    const stored = storedOf(row);
    this.assertRules(settings, given, stored);
    const headers = await this.changedHeaders(row, given, isMoved(settings, stored));
    return {
      ...settings,
      ...(given.apiKey !== undefined && (await this.vault.seal(given.apiKey, row.id))),
      ...(headers !== undefined && (await this.vault.sealHeaders(headers, row.id))),
      ...(typeof given.apiKey === 'string' && { purgedAt: null }),
    };
  }

  private assertRules(
    settings: AIProviderSettings,
    given: AIProviderChanges,
    stored: StoredProvider | undefined,
  ): void {
    const hasVariable = this.vault.hasVariable.bind(this.vault);
    assertProviderRules({ settings, given, stored, hasVariable }, this.egress);
  }

  /** Undefined where they stay as they are. What is stored does not go to another host. */
  private async changedHeaders(
    row: ProviderRow,
    { headers }: AIProviderChanges,
    moves: boolean,
  ): Promise<readonly ProviderHeader[] | undefined> {
    if (headers === undefined) return moves ? [] : undefined;
    if (headers === null) return [];
    if (!isNameList(headers)) return providerHeaders(Object.entries(headers));
    const kept = new Set(headers);
    if (kept.size === (row.headerNames ?? []).length) return undefined;
    const stored = await this.vault.openHeaders(row).catch((error: unknown) => {
      if (error instanceof KeyDecryptionError)
        throw invalid(['headers must be given anew: they are unreadable']);
      throw error;
    });
    return stored.filter(({ name }) => kept.has(name));
  }
}

/**
 * The settings with a given address as a base URL. One that is stored stays as it is: it may be older than the rules.
 * @throws AIError `VALIDATION_FAILED`
 */
function sound(settings: AIProviderSettings, given: AIProviderChanges): AIProviderSettings {
  const authHeader = settings.authHeader.toLowerCase() === 'bearer' ? 'bearer' : settings.authHeader;
  if (settings.endpoint === null || (given.endpoint === undefined && given.type === undefined))
    return { ...settings, authHeader };
  const reading = readEndpoint(settings.type, settings.endpoint);
  if ('problem' in reading) throw invalid([reading.problem]);
  return { ...settings, authHeader, endpoint: reading.endpoint };
}

function storedOf(row: ProviderRow): StoredProvider {
  return {
    type: row.type,
    endpoint: row.endpoint,
    hasKey: row.encryptedApiKey !== null,
    headerNames: row.headerNames ?? [],
    isPurged: row.purgedAt !== null,
  };
}
