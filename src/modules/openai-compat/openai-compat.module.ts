import { Module } from '@nestjs/common';
import { OpenAICompatController } from './openai-compat.controller.js';

/** The API in OpenAI's wire format. Needs `AIProvidersModule.forRoot({ …, isGlobal: true })` beside it. */
@Module({ controllers: [OpenAICompatController] })
export class OpenAICompatModule {}
