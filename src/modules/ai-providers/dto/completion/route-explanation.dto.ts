import { ApiProperty } from '../../../../infra/openapi/swagger.js';
import type { SkipReason } from '../../interfaces/attempt.interface.js';
import type {
  ExplainedCandidate,
  PassedOverProvider,
  RouteExplanation,
} from '../../interfaces/monitoring/route-explanation.interface.js';

export class ExplainedCandidateDto implements ExplainedCandidate {
  @ApiProperty({ example: 1, description: '1 for the one asked first' })
  position!: number;

  @ApiProperty({ format: 'uuid' })
  providerId!: string;

  @ApiProperty()
  providerName!: string;

  @ApiProperty()
  model!: string;

  @ApiProperty()
  priority!: number;

  @ApiProperty()
  wouldBeTried!: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'circuit_open',
    description: 'Why not at this moment',
  })
  skipped!: SkipReason | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Milliseconds until that may change' })
  retryAfterMs!: number | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Until when the vendor has asked to be left alone, where that is why',
  })
  cooldownUntil!: string | null;
}

export class PassedOverProviderDto implements PassedOverProvider {
  @ApiProperty({ format: 'uuid' })
  providerId!: string;

  @ApiProperty()
  providerName!: string;

  @ApiProperty()
  model!: string;

  @ApiProperty({ type: String, example: 'lacks_feature' })
  skipped!: SkipReason;

  @ApiProperty({ type: String, nullable: true, description: 'With lacks_feature: the field' })
  field!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'With lacks_feature: why' })
  reason!: string | null;
}

/** The way a request would take now. */
export class RouteExplanationDto implements RouteExplanation {
  @ApiProperty({ type: [ExplainedCandidateDto] })
  candidates!: ExplainedCandidateDto[];

  @ApiProperty({ type: [PassedOverProviderDto] })
  passedOver!: PassedOverProviderDto[];
}
