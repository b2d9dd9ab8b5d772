import { Get, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces } from '../../infra/openapi/swagger.js';
import { Access } from '../../access/access.decorators.js';
import { AIApi } from '../ai-providers/ai-api.decorator.js';
import { PrometheusService } from '../ai-providers/telemetry/prometheus.service.js';

/** What Prometheus scrapes. */
@AIApi('metrics', 'Monitoring')
export class MetricsController {
  constructor(private readonly prometheus: PrometheusService) {}

  @Get()
  @Access('monitor')
  @ApiOperation({ summary: 'What this process has done since its start, in Prometheus’ text format' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string' } })
  async metrics(): Promise<StreamableFile> {
    const { contentType, text } = await this.prometheus.exposition();
    return new StreamableFile(Buffer.from(text), { type: contentType });
  }
}
