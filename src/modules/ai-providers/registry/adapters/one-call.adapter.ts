import type {
  AIProviderAdapter,
  ProviderAnswer,
  ProviderCall,
  StreamPart,
} from '../../interfaces/ai-adapter.interface.js';
import type { CancelSignal } from '../../interfaces/cancel-signal.interface.js';

/** An adapter that is closed when its one call has ended, however it ends. */
export class OneCallAdapter implements AIProviderAdapter {
  constructor(private readonly adapter: AIProviderAdapter) {}

  async complete(call: ProviderCall, signal: CancelSignal): Promise<ProviderAnswer> {
    try {
      return await this.adapter.complete(call, signal);
    } finally {
      await this.close();
    }
  }

  async *stream(
    call: ProviderCall,
    signal: CancelSignal,
  ): AsyncGenerator<readonly StreamPart[], void, undefined> {
    try {
      yield* this.adapter.stream(call, signal);
    } finally {
      await this.close();
    }
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
