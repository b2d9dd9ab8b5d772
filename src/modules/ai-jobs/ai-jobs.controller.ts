import { Body, Delete, Get, Headers, HttpCode, HttpStatus, Param, Post, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
} from '../../infra/openapi/swagger.js';
import { Access } from '../../access/access.decorators.js';
import { principalOf, seesAll } from '../../access/access.guard.js';
import {
  rawRequest,
  setHeader,
  type HostRequest,
  type HostResponse,
} from '../../infra/http-server/raw-exchange.js';
import { exchangeOf } from '../ai-providers/completion.responder.js';
import { AIApi } from '../ai-providers/ai-api.decorator.js';
import { COMPLETION_EXAMPLES } from '../ai-providers/dto/completion/body-examples.js';
import { FailsWith } from '../ai-providers/dto/error-response.dto.js';
import { toCompletionRequest } from '../ai-providers/dto/completion/to-completion-request.js';
import { AIJobsService } from './ai-jobs.service.js';
import { JobDto, JobRequestDto } from './dto/job.dto.js';
import { readIdempotencyKey } from './idempotency-key.js';
import type { AIJob, JobReader } from './job.interface.js';

/** Completions that may wait. A job is its caller's: to others but an admin there is none. */
@AIApi('ai-providers/jobs', 'Jobs')
export class AIJobsController {
  constructor(private readonly jobs: AIJobsService) {}

  @Post()
  @Access('client')
  @HttpCode(HttpStatus.ACCEPTED)
  @ApiOperation({ summary: 'Queue a completion; the answer says where to look for its result' })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'Sent again with the same body it gives the same job, for as long as that is kept',
  })
  @ApiBody({ type: JobRequestDto, examples: COMPLETION_EXAMPLES })
  @ApiAcceptedResponse({
    type: JobDto,
    headers: { Location: { description: 'The job', schema: { type: 'string' } } },
  })
  @FailsWith(
    'VALIDATION_FAILED',
    'PAYLOAD_TOO_LARGE',
    'UNSUPPORTED_MEDIA_TYPE',
    'IDEMPOTENCY_KEY_REUSED',
    'RATE_LIMITED',
    'JOBS_UNAVAILABLE',
  )
  async submit(
    @Body() body: JobRequestDto,
    @Headers('idempotency-key') key: string | undefined,
    @Req() request: HostRequest,
    @Res({ passthrough: true }) response: HostResponse,
  ): Promise<AIJob> {
    const { webhook, ...completion } = body;
    const job = await this.jobs.submit({
      ...exchangeOf(request, response),
      request: toCompletionRequest(completion),
      idempotencyKey: readIdempotencyKey(key),
      webhookUrl: webhook?.url,
    });
    setHeader(response, 'location', `${pathOf(request)}/${job.id}`);
    return job;
  }

  @Get(':id')
  @Access('client')
  @ApiOperation({ summary: 'A job, with its result once it has one' })
  @ApiOkResponse({ type: JobDto })
  @FailsWith('JOB_NOT_FOUND', 'JOBS_UNAVAILABLE')
  get(@Param('id') id: string, @Req() request: HostRequest): Promise<AIJob> {
    return this.jobs.get(id, readerOf(request));
  }

  @Delete(':id')
  @Access('client')
  @ApiOperation({ summary: 'Cancel a job; one that has ended stays as it is' })
  @ApiOkResponse({ type: JobDto })
  @FailsWith('JOB_NOT_FOUND', 'JOBS_UNAVAILABLE')
  cancel(@Param('id') id: string, @Req() request: HostRequest): Promise<AIJob> {
    return this.jobs.cancel(id, readerOf(request));
  }
}

function readerOf(request: HostRequest): JobReader {
  return seesAll(request) ? { all: true } : { all: false, caller: principalOf(request)?.name };
}

/** As the caller wrote it: Express takes what a router is mounted at out of `url`. */
function pathOf(request: HostRequest): string {
  const raw = rawRequest(request);
  const url = 'originalUrl' in raw ? String(raw.originalUrl) : (raw.url ?? '');
  return url.replace(/[?#].*$/s, '').replace(/\/+$/, '');
}
