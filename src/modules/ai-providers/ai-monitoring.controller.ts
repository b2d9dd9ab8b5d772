import { Get, Param, Query, Req, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '../../infra/openapi/swagger.js';
import { Access } from '../../access/access.decorators.js';
import { rawRequest, type HostRequest } from '../../infra/http-server/raw-exchange.js';
import { AIApi } from './ai-api.decorator.js';
import { AlertDto, AlertQueryDto } from './dto/monitoring/alert.dto.js';
import { FailsWith } from './dto/error-response.dto.js';
import { ProviderMetricsDto } from './dto/monitoring/metrics.dto.js';
import { StatisticsQueryDto } from './dto/monitoring/statistics-query.dto.js';
import {
  CostReportDto,
  PerformanceReportDto,
  RequestReportDto,
  UsageReportDto,
} from './dto/monitoring/statistics-report.dto.js';
import { AnswersReport, answerReport, type ReportForm } from './dto/monitoring/timeline-answer.js';
import { uuidParam } from './dto/validation/validation.pipe.js';
import type { Alert } from './interfaces/monitoring/alert.interface.js';
import type { ProviderMetrics } from './interfaces/monitoring/provider-metrics.interface.js';
import type {
  CostReport,
  PerformanceReport,
  RequestReport,
  UsageReport,
} from './interfaces/monitoring/statistics-report.interface.js';
import { AIMonitoringService } from './services/ai-monitoring.service.js';

const STATISTICS_FAILURES = ['VALIDATION_FAILED', 'PROVIDER_NOT_FOUND', 'DATABASE_UNAVAILABLE'] as const;

/** Metrics, statistics and alerts. */
@AIApi('ai-providers', 'Monitoring')
export class AIMonitoringController {
  constructor(private readonly monitoring: AIMonitoringService) {}

  @Get('metrics')
  @Access('monitor')
  @ApiOperation({ summary: 'What each provider has done since it was registered, over all replicas' })
  @ApiOkResponse({ type: [ProviderMetricsDto] })
  @FailsWith('DATABASE_UNAVAILABLE')
  metrics(): Promise<ProviderMetrics[]> {
    return this.monitoring.metrics();
  }

  @Get('metrics/:id')
  @Access('monitor')
  @ApiOperation({ summary: 'What one provider has done since it was registered, over all replicas' })
  @ApiOkResponse({ type: ProviderMetricsDto })
  @FailsWith(...STATISTICS_FAILURES)
  metricsOf(@Param('id', uuidParam('id')) id: string): Promise<ProviderMetrics> {
    return this.monitoring.metricsOf(id);
  }

  @Get('statistics/usage')
  @Access('monitor')
  @ApiOperation({ summary: 'Requests and tokens' })
  @AnswersReport(UsageReportDto)
  @FailsWith(...STATISTICS_FAILURES)
  async usage(
    @Query() query: StatisticsQueryDto,
    @Req() request: HostRequest,
  ): Promise<UsageReport | StreamableFile> {
    return answerReport(await this.monitoring.usage(query), 'usage', formOf(request, query));
  }

  @Get('statistics/cost')
  @Access('monitor')
  @ApiOperation({ summary: 'Money, each currency for itself' })
  @AnswersReport(CostReportDto)
  @FailsWith(...STATISTICS_FAILURES)
  async cost(
    @Query() query: StatisticsQueryDto,
    @Req() request: HostRequest,
  ): Promise<CostReport | StreamableFile> {
    return answerReport(await this.monitoring.cost(query), 'cost', formOf(request, query));
  }

  @Get('statistics/performance')
  @Access('monitor')
  @ApiOperation({ summary: 'Latencies, success rate and throughput' })
  @AnswersReport(PerformanceReportDto)
  @FailsWith(...STATISTICS_FAILURES)
  async performance(
    @Query() query: StatisticsQueryDto,
    @Req() request: HostRequest,
  ): Promise<PerformanceReport | StreamableFile> {
    const report = await this.monitoring.performance(query);
    return answerReport(report, 'performance', formOf(request, query));
  }

  @Get('statistics/requests')
  @Access('monitor')
  @ApiOperation({ summary: 'What became of requests, and how many there are now' })
  @AnswersReport(RequestReportDto)
  @FailsWith(...STATISTICS_FAILURES)
  async requests(
    @Query() query: StatisticsQueryDto,
    @Req() request: HostRequest,
  ): Promise<RequestReport | StreamableFile> {
    const report = await this.monitoring.requests(query);
    return answerReport(report, 'requests', formOf(request, query));
  }

  @Get('alerts')
  @Access('monitor')
  @ApiOperation({
    summary:
      'Alerts, those that hold now unless said otherwise: error rate and latency of the last hour, cost of this month',
  })
  @ApiOkResponse({ type: [AlertDto] })
  @FailsWith('VALIDATION_FAILED', 'DATABASE_UNAVAILABLE')
  alerts(@Query() query: AlertQueryDto): Promise<Alert[]> {
    return this.monitoring.alerts(query);
  }
}

/** How the caller wants a report. */
function formOf(request: HostRequest, { groupBy, format }: StatisticsQueryDto): ReportForm {
  return { accept: rawRequest(request).headers.accept, format, groupBy };
}
