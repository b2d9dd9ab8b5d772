import { Controller, Get, Res, ServiceUnavailableException, UseFilters, UseGuards } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiResponse,
  ApiTags,
} from '../../infra/openapi/swagger.js';
import { HealthCheckService, HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Access } from '../../access/access.decorators.js';
import { AccessGuard } from '../../access/access.guard.js';
import { rawResponse, type HostResponse } from '../../infra/http-server/raw-exchange.js';
import { AIErrorFilter } from '../ai-providers/ai-error.filter.js';
import { AIRequestManagerService } from '../ai-providers/services/ai-request-manager.service.js';

/** No more than up or down: what an orchestrator needs and a stranger may know. */
class ProbeAnswer {
  @ApiProperty({ enum: ['up', 'down'] })
  status!: 'up' | 'down';
}

/** Probes for orchestrators, open to anyone. */
@Controller('health')
@UseGuards(AccessGuard)
@UseFilters(AIErrorFilter)
@ApiTags('Health')
export class HealthController {
  constructor(
    private readonly manager: AIRequestManagerService,
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
  ) {}

  @Get('live')
  @Access('anyone')
  @ApiOperation({ summary: 'The process runs' })
  @ApiOkResponse({ type: ProbeAnswer })
  live(): ProbeAnswer {
    return { status: 'up' };
  }

  /**
   * Whether requests should be sent here. A database that is away does not take a replica out of service: completions
   * go on with the providers known in memory.
   */
  @Get('ready')
  @Access('anyone')
  @ApiOperation({ summary: 'New requests are taken' })
  @ApiOkResponse({ type: ProbeAnswer })
  @ApiResponse({ status: 503, type: ProbeAnswer, description: 'The service is stopping' })
  async ready(@Res({ passthrough: true }) response: HostResponse): Promise<ProbeAnswer> {
    try {
      await this.health.check([() => this.takesRequests()]);
      return { status: 'up' };
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      rawResponse(response).statusCode = error.getStatus();
      return { status: 'down' };
    }
  }

  private takesRequests(): HealthIndicatorResult {
    const requests = this.indicators.check('requests');
    return this.manager.isDraining ? requests.down() : requests.up();
  }
}
