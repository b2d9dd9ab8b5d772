import {
  Body,
  Delete,
  Get,
  Headers,
  HttpCode,
  HttpStatus,
  Param,
  Post,
  Put,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiResponse,
} from '../../infra/openapi/swagger.js';
import { Access } from '../../access/access.decorators.js';
import {
  parsedBody,
  rawResponse,
  type HostRequest,
  type HostResponse,
} from '../../infra/http-server/raw-exchange.js';
import { CompletionResponder, exchangeOf } from './completion.responder.js';
import { AIApi } from './ai-api.decorator.js';
import {
  DeleteAIProviderQueryDto,
  HealthQueryDto,
  ListAIProvidersQueryDto,
} from './dto/provider/ai-provider-query.dto.js';
import { CreateAIProviderDto, UpdateAIProviderDto } from './dto/ai-provider.dto.js';
import { CHANGE_EXAMPLES, COMPLETION_EXAMPLES, REGISTER_EXAMPLES } from './dto/completion/body-examples.js';
import { AnswersCompletion } from './dto/completion/completion-answer.decorator.js';
import { CompletionRequestDto } from './dto/completion/completion.dto.js';
import { FailsWith } from './dto/error-response.dto.js';
import { HealthReportDto } from './dto/monitoring/health-response.dto.js';
import { ifMatch } from './dto/provider/if-match.js';
import { AIProviderResponseDto } from './dto/provider/provider-response.dto.js';
import { toProviderView } from './dto/provider/provider-view.js';
import { readCompletionRequest } from './dto/completion/to-completion-request.js';
import { uuidParam } from './dto/validation/validation.pipe.js';
import type { AIProviderConfig, AIProviderView } from './interfaces/ai-provider.interface.js';
import type { HealthReport } from './interfaces/monitoring/health.interface.js';
import { AIMonitoringService } from './services/ai-monitoring.service.js';
import { AIProviderRegistryService } from './services/ai-provider-registry.service.js';
import { CircuitBreakerService } from './services/circuit-breaker.service.js';

const IF_MATCH = {
  name: 'If-Match',
  required: false,
  description: 'The `revision` from which to change, in quotes: `"12"`',
};

/** The specification's endpoints. */
@AIApi('ai-providers', 'AI providers')
export class AIProvidersController {
  constructor(
    private readonly registry: AIProviderRegistryService,
    private readonly breaker: CircuitBreakerService,
    private readonly monitoring: AIMonitoringService,
    private readonly responder: CompletionResponder,
  ) {}

  @Post()
  @Access('admin')
  @ApiOperation({ summary: 'Register a provider' })
  @ApiBody({ type: CreateAIProviderDto, examples: REGISTER_EXAMPLES })
  @ApiCreatedResponse({ type: AIProviderResponseDto })
  @FailsWith('VALIDATION_FAILED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'DATABASE_UNAVAILABLE')
  async register(@Body() body: CreateAIProviderDto): Promise<AIProviderView> {
    return this.view(await this.registry.register(body));
  }

  @Get()
  @Access('monitor')
  @ApiOperation({ summary: 'List providers, highest priority first' })
  @ApiOkResponse({ type: [AIProviderResponseDto] })
  @FailsWith('VALIDATION_FAILED')
  list(@Query() { type, isActive, includePurged }: ListAIProvidersQueryDto): AIProviderView[] {
    const filter = {
      type,
      isActive: isActive === undefined ? undefined : isActive === 'true',
      includePurged: includePurged === 'true',
    };
    return this.registry.list(filter).map((provider) => this.view(provider));
  }

  @Get('health/check')
  @Access('monitor')
  @ApiOperation({ summary: 'Health of every active provider; a probe spends no tokens' })
  @ApiOkResponse({ type: HealthReportDto })
  @ApiResponse({
    status: 503,
    type: HealthReportDto,
    description: 'There are active providers and none is healthy',
  })
  @FailsWith('VALIDATION_FAILED')
  async health(
    @Query() { refresh }: HealthQueryDto,
    @Res({ passthrough: true }) response: HostResponse,
  ): Promise<HealthReport> {
    const report = await this.monitoring.checkHealth({ refresh: refresh === 'true' });
    if (report.status === 'unhealthy') rawResponse(response).statusCode = HttpStatus.SERVICE_UNAVAILABLE;
    return report;
  }

  @Post('complete')
  @Access('client')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Send a completion request; with `stream: true` the answer is server-sent events',
  })
  @ApiBody({ type: CompletionRequestDto, examples: COMPLETION_EXAMPLES })
  @AnswersCompletion()
  async complete(@Req() request: HostRequest, @Res() response: HostResponse): Promise<void> {
    const asked = readCompletionRequest(parsedBody(request));
    await this.responder.answer(asked, exchangeOf(request, response), response);
  }

  @Get(':id')
  @Access('monitor')
  @ApiOperation({ summary: 'One provider' })
  @ApiOkResponse({ type: AIProviderResponseDto })
  @FailsWith('VALIDATION_FAILED', 'PROVIDER_NOT_FOUND')
  get(@Param('id', uuidParam('id')) id: string): AIProviderView {
    return this.view(this.registry.get(id));
  }

  @Put(':id')
  @Access('admin')
  @ApiOperation({ summary: 'Change the given fields of a provider' })
  @ApiBody({ type: UpdateAIProviderDto, examples: CHANGE_EXAMPLES })
  @ApiHeader(IF_MATCH)
  @ApiOkResponse({ type: AIProviderResponseDto })
  @FailsWith(
    'VALIDATION_FAILED',
    'PROVIDER_NOT_FOUND',
    'PROVIDER_CHANGED',
    'PAYLOAD_TOO_LARGE',
    'UNSUPPORTED_MEDIA_TYPE',
    'DATABASE_UNAVAILABLE',
  )
  async update(
    @Param('id', uuidParam('id')) id: string,
    @Body() body: UpdateAIProviderDto,
    @Headers('if-match') condition: string | undefined,
  ): Promise<AIProviderView> {
    return this.view(await this.registry.update(id, body, { onlyIf: ifMatch(condition) }));
  }

  @Delete(':id')
  @Access('admin')
  @ApiOperation({ summary: 'Deactivate a provider' })
  @ApiOkResponse({ type: AIProviderResponseDto })
  @ApiHeader(IF_MATCH)
  @FailsWith('VALIDATION_FAILED', 'PROVIDER_NOT_FOUND', 'PROVIDER_CHANGED', 'DATABASE_UNAVAILABLE')
  async deactivate(
    @Param('id', uuidParam('id')) id: string,
    @Query() { purge }: DeleteAIProviderQueryDto,
    @Headers('if-match') condition: string | undefined,
  ): Promise<AIProviderView> {
    const how = { purge: purge === 'true', onlyIf: ifMatch(condition) };
    return this.view(await this.registry.deactivate(id, how));
  }

  private view(provider: AIProviderConfig): AIProviderView {
    return toProviderView(provider, this.breaker.standingOf(provider.id));
  }
}
