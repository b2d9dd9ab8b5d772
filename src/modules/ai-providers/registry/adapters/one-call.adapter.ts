import type {
  AIProviderAdapter,
  ChatAdapter,
  ProviderAnswer,
  ProviderCall,
  StreamPart,
} from '../../interfaces/ai-adapter.interface.js';
import type { CancelSignal } from '../../interfaces/cancel-signal.interface.js';

/** An adapter that is closed when its one call has ended, however it ends. */
export class OneCallAdapter implements AIProviderAdapter {
  readonly chat: ChatAdapter;

  constructor(private readonly adapter: AIProviderAdapter) {
    this.chat = new OneCallChat(adapter);
  }

  async probe(signal: CancelSignal): Promise<void> {
    try {
      await this.adapter.probe(signal);
    } finally {
      await this.close();
    }
  }

  close(): Promise<void> {
    return this.adapter.close();
  }
}

class OneCallChat implements ChatAdapter {
  constructor(private readonly adapter: AIProviderAdapter) {}

  async complete(call: ProviderCall, signal: CancelSignal): Promise<ProviderAnswer> {
    try {
      return await this.adapter.chat.complete(call, signal);
    } finally {
      await this.adapter.close();
    }
  }

  async *stream(call: ProviderCall, signal: CancelSignal): AsyncGenerator<readonly StreamPart[], void> {
    try {
      yield* this.adapter.chat.stream(call, signal);
    } finally {
      await this.adapter.close();
    }
  }
}
