import 'reflect-metadata';
import process from 'node:process';
import { Controller, Get, Module, Param, UseFilters } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AIErrorFilter, AIProvidersModule, AIRequestManagerService } from 'ai-providers';

@Controller('greetings')
@UseFilters(AIErrorFilter)
class GreetingsController {
  constructor(private readonly ai: AIRequestManagerService) {}

  @Get(':name')
  async greet(@Param('name') name: string): Promise<{ greeting: string }> {
    const { content } = await this.ai.complete({ prompt: `Greet ${name} in one line` });
    return { greeting: content };
  }
}

/** Settings come from the environment; what stands in `forRoot` comes before it. */
@Module({ imports: [AIProvidersModule.forRoot({})], controllers: [GreetingsController] })
class AppModule {}

async function start(): Promise<void> {
  const app = await NestFactory.create(AppModule);
  app.setGlobalPrefix('api');
  // The module ends what is in flight and closes its database in Nest's shutdown hooks.
  app.enableShutdownHooks();
  await app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');
  process.stdout.write(`Listening on ${await app.getUrl()}/api\n`);
}

void start();
