import { Inject, Injectable } from '@nestjs/common';
import { v4 as uuid } from 'uuid';
import { APP_CONFIG } from '../../../infra/config/config.token.js';
import { LOGGER, type Logger } from '../../../infra/logging/logger.interface.js';
import { AIProviderRepository } from './ai-provider.repository.js';
import { ProviderKeyVault } from './provider-key.vault.js';
import { settingDefaults, settingsOf, type SettingSources } from './provider-settings.js';
import { defaultProvidersOf, type DefaultProvider, type VendorConfig } from './vendor.config.js';

/** Registers the providers that the environment asks for. */
@Injectable()
export class DefaultProviderRegistrar {
  constructor(
    private readonly repository: AIProviderRepository,
    private readonly vault: ProviderKeyVault,
    @Inject(APP_CONFIG) private readonly config: SettingSources & { readonly defaultProviders: VendorConfig },
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Registers those that no earlier start has seen. Their keys are not stored: they follow their variables.
   * @throws AIError `DATABASE_UNAVAILABLE`
   */
  async registerAll(): Promise<void> {
    for (const provider of defaultProvidersOf(this.config.defaultProviders)) await this.register(provider);
  }

  private async register(provider: DefaultProvider): Promise<void> {
    const { origin, name, type, model } = provider;
    const id = uuid();
    const settings = settingsOf({ name, type, model }, settingDefaults(this.config));
    const none = { encryptedApiKey: null, apiKeyHint: null };
    const row = await this.repository.createFromOrigin({ id, ...settings, ...none, origin });
    if (row) this.logger.info({ providerId: id, origin }, 'Registered a default provider');
    else await this.follow(provider);
  }

  /**
   * Earlier versions stored the variable's key. One that is still the variable's is left to the variable; one that is not
   * may be the operator's own and stays, which the log says.
   */
  private async follow({ origin, apiKey }: DefaultProvider): Promise<void> {
    const row = await this.repository.findByOrigin(origin);
    if (row === null || row.encryptedApiKey === null || row.endpoint !== null) return;
    // A key that cannot be read is reported where it is used.
    const stored = await this.vault.openKey(row).catch(() => null);
    if (stored === null) return;
    if (stored.reveal() === apiKey.reveal())
      await this.repository.update(row, { encryptedApiKey: null, apiKeyHint: null });
    else
      this.logger.warn(
        { providerId: row.id, origin },
        'A default provider has a key of its own and does not follow its variable; PUT { "apiKey": null } makes it follow',
      );
  }
}
