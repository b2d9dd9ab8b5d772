import { ApiPropertyOptional } from '../../../../infra/openapi/swagger.js';
import { IsIn, IsOptional } from 'class-validator';
import type { AIProviderType } from '../../interfaces/ai-provider.interface.js';
import { AI_PROVIDER_TYPES } from '../ai-provider.dto.js';
import { OptionalFlag, type Flag } from '../validation/field.decorators.js';

/** What narrows the list of providers. */
export class ListAIProvidersQueryDto {
  @ApiPropertyOptional({ enum: AI_PROVIDER_TYPES })
  @IsOptional()
  @IsIn(AI_PROVIDER_TYPES)
  type?: AIProviderType;

  @OptionalFlag()
  isActive?: Flag;

  @OptionalFlag('Also those whose keys were erased for good')
  includePurged?: Flag;
}

/** How a provider is deactivated. */
export class DeleteAIProviderQueryDto {
  @OptionalFlag('Also erase the stored key and headers, and the provider where nothing is on record of it')
  purge?: Flag;
}

/** How health is asked for. */
export class HealthQueryDto {
  @OptionalFlag('Probe now, whatever is remembered')
  refresh?: Flag;
}
