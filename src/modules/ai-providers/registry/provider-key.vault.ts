import { Inject, Injectable } from '@nestjs/common';
import { APP_CONFIG } from '../../../infra/config/config.token.js';
import { ApiKeyCipher } from '../../../infra/crypto/api-key.cipher.js';
import { Secret } from '../../../infra/crypto/secret.js';
import { LOGGER, type Logger } from '../../../infra/logging/logger.interface.js';
import type { AIProviderConfig, ProviderHeader } from '../interfaces/ai-provider.interface.js';
import type { ProviderRow } from './provider-row.js';
import { KEY_VARIABLES } from './rules/provider-rules.js';
import { pickSettings } from './provider-settings.js';
import { defaultProvidersOf, type VendorConfig } from './vendor.config.js';
import { vendorOf, type VendorType } from './rules/vendor-host.js';

/** A key shorter than this shows nothing of itself. */
const SHORTEST_HINTED_KEY = 8;

type SealedKey = Pick<ProviderRow, 'encryptedApiKey' | 'apiKeyHint'>;
type SealedHeaders = Pick<ProviderRow, 'encryptedHeaders' | 'headerNames'>;

/** What a row's secrets are, in clear. */
type Secrets = Pick<AIProviderConfig, 'apiKey' | 'apiKeyHint' | 'headers' | 'keyReadable'>;

/**
 * Turns secrets into what is stored of them, and stored rows into providers with their secrets. A vendor's provider at the
 * vendor's own host without a key of its own uses the one in the vendor's variable, whatever that is at this start.
 */
@Injectable()
export class ProviderKeyVault {
  private readonly variables: ReadonlyMap<VendorType, Secret>;

  constructor(
    private readonly cipher: ApiKeyCipher,
    @Inject(APP_CONFIG) { defaultProviders }: { readonly defaultProviders: VendorConfig },
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.variables = new Map(defaultProvidersOf(defaultProviders).map(({ type, apiKey }) => [type, apiKey]));
  }

  /** Whether the vendor's variable holds a key. */
  hasVariable(vendor: VendorType): boolean {
    return this.variables.has(vendor);
  }

  /** What is stored of a key, readable for this provider alone. */
  async seal(apiKey: string | null, providerId: string): Promise<SealedKey> {
    if (apiKey === null) return { encryptedApiKey: null, apiKeyHint: null };
    return {
      encryptedApiKey: await this.cipher.encrypt(apiKey, providerId),
      apiKeyHint: hintOf(apiKey),
    };
  }

  /** What is stored of headers, readable for this provider alone. */
  async sealHeaders(headers: readonly ProviderHeader[], providerId: string): Promise<SealedHeaders> {
    if (headers.length === 0) return { encryptedHeaders: null, headerNames: null };
    const text = JSON.stringify(headers.map(({ name, value }) => [name, value.reveal()]));
    return {
      encryptedHeaders: await this.cipher.encrypt(text, headersOf(providerId)),
      headerNames: headers.map(({ name }) => name),
    };
  }

  /** The key as it is stored. @throws KeyDecryptionError */
  async openKey({
    encryptedApiKey,
    id,
  }: Pick<ProviderRow, 'encryptedApiKey' | 'id'>): Promise<Secret | null> {
    return encryptedApiKey === null ? null : this.cipher.decrypt(encryptedApiKey, id);
  }

  /** The headers as they are stored. @throws KeyDecryptionError */
  async openHeaders({
    encryptedHeaders,
    id,
  }: Pick<ProviderRow, 'encryptedHeaders' | 'id'>): Promise<ProviderHeader[]> {
    if (encryptedHeaders === null) return [];
    const text = await this.cipher.decrypt(encryptedHeaders, headersOf(id));
    // Only `sealHeaders` writes what is under our own authenticated encryption.
    return providerHeaders(JSON.parse(text.reveal()) as [string, string][]);
  }

  /**
   * The provider of a row; `known` where it has not changed since. Secrets that cannot be had are logged and leave the
   * provider on record, not to be asked.
   */
  async open(row: ProviderRow, known: AIProviderConfig | undefined): Promise<AIProviderConfig> {
    if (known?.revision === row.revision) return known;
    const { id, createdAt, updatedAt, revision, purgedAt } = row;
    const headerNames = row.headerNames ?? [];
    const secrets = await this.secretsOf(row);
    return { ...pickSettings(row), id, headerNames, createdAt, updatedAt, revision, purgedAt, ...secrets };
  }

  private async secretsOf(row: ProviderRow): Promise<Secrets> {
    const { id: providerId, encryptedApiKey, apiKeyHint, purgedAt } = row;
    try {
      const headers = await this.openHeaders(row);
      const vendor = encryptedApiKey === null && purgedAt === null ? vendorOf(row) : null;
      if (vendor === null) return { apiKey: await this.openKey(row), apiKeyHint, headers, keyReadable: true };
      const apiKey = this.variables.get(vendor) ?? null;
      if (apiKey === null && row.isActive)
        this.logger.warn(
          { providerId },
          `A provider has no key of its own, and ${KEY_VARIABLES[vendor]} is not set; it is not used`,
        );
      return { apiKey, apiKeyHint: apiKey && hintOf(apiKey.reveal()), headers, keyReadable: apiKey !== null };
    } catch (error) {
      this.logger.error(
        { providerId, err: error },
        'A stored provider key cannot be decrypted; it is not used',
      );
      return { apiKey: null, apiKeyHint, headers: [], keyReadable: false };
    }
  }
}

/** Headers of names and values. */
export function providerHeaders(entries: readonly (readonly [string, string])[]): ProviderHeader[] {
  return entries.map(([name, value]) => ({ name, value: new Secret(value) }));
}

/** Whose the ciphertext of headers is: it must not pass for that of the key. */
export function headersOf(providerId: string): string {
  return `${providerId}/headers`;
}

function hintOf(apiKey: string): string {
  return apiKey.length >= SHORTEST_HINTED_KEY ? `…${apiKey.slice(-4)}` : '…';
}
