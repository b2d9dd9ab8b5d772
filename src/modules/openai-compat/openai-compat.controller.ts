import { Body, Get, HttpCode, HttpStatus, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation } from '../../infra/openapi/swagger.js';
import { Access } from '../../access/access.decorators.js';
import type { HostRequest, HostResponse } from '../../infra/http-server/raw-exchange.js';
import { CompletionResponder, exchangeOf } from '../ai-providers/completion.responder.js';
import { AIApi } from '../ai-providers/ai-api.decorator.js';
import { AIProviderRegistryService } from '../ai-providers/services/ai-provider-registry.service.js';
import { assertModelIsKnown } from './assert-model-is-known.js';
import { fromOpenAIRequest } from './request/from-openai-request.js';
import { AnswersLikeOpenAI, FailsLikeOpenAI } from './openai-answers.decorator.js';
import { CHAT_CHUNK, CHAT_COMPLETION, CHAT_EXAMPLE, CHAT_REQUEST, MODEL_LIST } from './openai.schemas.js';
import { OpenAIErrorFilter } from './openai-error.filter.js';
import { OpenAIWire } from './openai.wire.js';

/** `GET /models`: https://platform.openai.com/docs/api-reference/models/list. */
interface ModelList {
  object: 'list';
  data: { id: string; object: 'model'; created: number; owned_by: string }[];
}

/** OpenAI's wire format, so that its clients work by changing their base URL to `…/ai-providers/v1`. */
@AIApi('ai-providers/v1', 'OpenAI-compatible', OpenAIErrorFilter)
@FailsLikeOpenAI()
export class OpenAICompatController {
  constructor(
    private readonly registry: AIProviderRegistryService,
    private readonly responder: CompletionResponder,
  ) {}

  @Post('chat/completions')
  @Access('client')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Chat completion in OpenAI’s form; `model` is a model, a provider’s id or name, or `auto`',
  })
  @AnswersLikeOpenAI(CHAT_COMPLETION, CHAT_CHUNK)
  @ApiBody({ schema: CHAT_REQUEST, examples: { prompt: { value: CHAT_EXAMPLE } } })
  async complete(
    @Body() body: unknown,
    @Req() request: HostRequest,
    @Res() response: HostResponse,
  ): Promise<void> {
    const asked = fromOpenAIRequest(body);
    assertModelIsKnown(asked.request, this.registry.all());
    const exchange = exchangeOf(request, response);
    const wire = new OpenAIWire(asked, Math.floor(Date.now() / 1000));
    await this.responder.answer(asked.request, exchange, response, wire);
  }

  @Get('models')
  @Access('any-role')
  @ApiOperation({ summary: 'The models that active providers serve' })
  @AnswersLikeOpenAI(MODEL_LIST)
  models(): ModelList {
    const byModel = new Map(
      this.registry.list({ isActive: true }).map((provider) => [provider.model, provider]),
    );
    return {
      object: 'list',
      data: [...byModel.values()].map(({ model, createdAt, type }) => ({
        id: model,
        object: 'model',
        created: Math.floor(createdAt.getTime() / 1000),
        owned_by: type.toLowerCase(),
      })),
    };
  }
}
