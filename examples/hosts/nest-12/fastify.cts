import 'reflect-metadata';
import process from 'node:process';
import { Controller, Get, Module, Param, StreamableFile, UseFilters } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Readable } from 'node:stream';
import {
  AIErrorFilter,
  AIJobsModule,
  AIProvidersModule,
  AIRequestManagerService,
  HealthModule,
  MetricsModule,
  OpenAICompatModule,
} from 'ai-providers';

@Controller('greetings')
@UseFilters(AIErrorFilter)
class GreetingsController {
  constructor(private readonly ai: AIRequestManagerService) {}

  /** Piece by piece; a caller that hangs up destroys the stream, which ends the vendor's call. */
  @Get(':name')
  greet(@Param('name') name: string): StreamableFile {
    return new StreamableFile(Readable.from(this.pieces(name)), { type: 'text/plain' });
  }

  private async *pieces(name: string): AsyncGenerator<string> {
    for await (const { content } of this.ai.streamComplete({ prompt: `Greet ${name} at length` })) {
      if (content !== '') yield content;
    }
  }
}

/** With all that the package can serve. Jobs need Redis (`REDIS_URL`) and the packages `bullmq` and `ioredis`. */
@Module({
  imports: [
    AIProvidersModule.forRoot({ isGlobal: true }),
    AIJobsModule,
    HealthModule,
    MetricsModule,
    OpenAICompatModule,
  ],
  controllers: [GreetingsController],
})
class AppModule {}

async function start(): Promise<void> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter());
  app.setGlobalPrefix('api');
  // The module ends what is in flight and closes its database in Nest's shutdown hooks.
  app.enableShutdownHooks();
  await app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');
  process.stdout.write(`Listening on ${await app.getUrl()}/api\n`);
}

void start();
