import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { LOGGER, type Logger } from '../../../infra/logging/logger.interface.js';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import { type ProviderChange, ProviderDirectory } from './provider-directory.js';

/** Writes to the log, in a line, which provider was registered, changed or removed, here or by another replica. */
@Injectable()
export class ProviderChangeLog implements OnApplicationBootstrap {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly directory: ProviderDirectory,
  ) {}

  /** From here on: what is read at the start is no change. */
  onApplicationBootstrap(): void {
    this.directory.onChange((change) => this.write(change));
  }

  private write({ id, before, after }: ProviderChange): undefined {
    if (after === undefined) {
      this.logger.info({ providerId: id, name: before?.name }, 'Provider removed');
    } else if (before === undefined) {
      const { name, type, model, isActive } = after;
      this.logger.info({ providerId: id, name, type, model, isActive }, 'Provider registered');
    } else if (before.revision !== after.revision) {
      const changed = changedFields(before, after);
      this.logger.info({ providerId: id, name: after.name, changed }, 'Provider changed');
    }
  }
}

/** Whose change is that of another field, or none that anybody made. */
const IMPLIED: ReadonlySet<string> = new Set(['revision', 'updatedAt', 'apiKey', 'headers']);

/** Names alone: values may be secrets. */
function changedFields(before: AIProviderConfig, after: AIProviderConfig): string[] {
  const fields = Object.keys(after) as (keyof AIProviderConfig)[];
  return fields.filter((field) => !IMPLIED.has(field) && !isDeepStrictEqual(before[field], after[field]));
}
