import { Injectable } from '@nestjs/common';
import { AIProviderRepository } from '../registry/ai-provider.repository.js';
import { RequestRecorder } from '../ledger/request-recorder.service.js';

/** Whether a provider has done anything that is on record. */
@Injectable()
export class ProviderHistory {
  constructor(
    private readonly repository: AIProviderRepository,
    private readonly recorder: RequestRecorder,
  ) {}

  /** What this replica has not written to the database yet counts too. @throws AIError `DATABASE_UNAVAILABLE` */
  async has(providerId: string): Promise<boolean> {
    await this.recorder.flush();
    return this.repository.hasHistory(providerId);
  }
}
