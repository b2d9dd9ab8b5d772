import { Body, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation } from '../../infra/openapi/swagger.js';
import { Access } from '../../access/access.decorators.js';
import { AIApi } from './ai-api.decorator.js';
import { COMPLETION_EXAMPLES } from './dto/completion/body-examples.js';
import { CompletionRequestDto } from './dto/completion/completion.dto.js';
import { FailsWith } from './dto/error-response.dto.js';
import { AIProviderResponseDto } from './dto/provider/provider-response.dto.js';
import { toProviderView } from './dto/provider/provider-view.js';
import { RouteExplanationDto } from './dto/completion/route-explanation.dto.js';
import { toCompletionRequest } from './dto/completion/to-completion-request.js';
import { uuidParam } from './dto/validation/validation.pipe.js';
import type { AIProviderView } from './interfaces/ai-provider.interface.js';
import type { RouteExplanation } from './interfaces/monitoring/route-explanation.interface.js';
import { AIProviderRegistryService } from './services/ai-provider-registry.service.js';
import { AIRequestManagerService } from './services/ai-request-manager.service.js';
import { CircuitBreakerService } from './services/circuit-breaker.service.js';

/** What an operator asks and does about routing. */
@AIApi('ai-providers', 'Routing')
export class AIRoutingController {
  constructor(
    private readonly registry: AIProviderRegistryService,
    private readonly manager: AIRequestManagerService,
    private readonly breaker: CircuitBreakerService,
  ) {}

  @Post('routing/explain')
  @Access('client')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'What would be tried for this completion now, in what order and why; nothing is sent',
  })
  @ApiBody({ type: CompletionRequestDto, examples: COMPLETION_EXAMPLES })
  @ApiOkResponse({ type: RouteExplanationDto })
  @FailsWith('VALIDATION_FAILED', 'PROVIDER_NOT_FOUND')
  explain(@Body() body: CompletionRequestDto): Promise<RouteExplanation> {
    if (body.providerId !== undefined) this.registry.get(body.providerId);
    return this.manager.explain(toCompletionRequest(body));
  }

  @Post(':id/circuit/reset')
  @Access('admin')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Close a provider’s circuit and end its cooldown by hand' })
  @ApiOkResponse({ type: AIProviderResponseDto })
  @FailsWith('VALIDATION_FAILED', 'PROVIDER_NOT_FOUND')
  async resetCircuit(@Param('id', uuidParam('id')) id: string): Promise<AIProviderView> {
    const provider = this.registry.get(id);
    await this.breaker.reset(id);
    return toProviderView(provider, this.breaker.standingOf(id));
  }
}
