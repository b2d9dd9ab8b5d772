import { Injectable } from '@nestjs/common';
import { AIRequestManagerService } from '@modules/ai-providers/services/ai-request-manager.service';

@Injectable()
export class MyService {
  constructor(
    private readonly aiRequestManager: AIRequestManagerService,
  ) {}

  async generateContent() {
    const response = await this.aiRequestManager.complete({
      prompt: 'Generate a task description',
      systemPrompt: 'You are a helpful assistant',
      temperature: 0.7,
      maxTokens: 500,
    });

    return response.content;
  }

  async *streamContent() {
    for await (const chunk of this.aiRequestManager.streamComplete({
      prompt: 'Generate a long document',
      stream: true,
    })) {
      yield chunk.content;
    }
  }
}
