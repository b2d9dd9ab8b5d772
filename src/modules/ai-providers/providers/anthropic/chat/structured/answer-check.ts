import { ProviderError } from '../../../../errors/provider.error.js';
import type { ProviderAnswer, StreamPart } from '../../../../interfaces/ai-adapter.interface.js';
import type { EndState } from '../../../chat/answers/answer-ending.js';
import { parseBounded } from '../../../wire/bounded-json.js';
import type { JsonObject } from '../../../wire/json-value.js';
import { meetsSchema } from '../../../chat/answers/schema-check.js';
import type { SseEvent, StreamReader } from '../../../chat/streams/stream-reader.js';

/**
 * The answer, where it is what the caller's schema says. One that was cut, refused or calls tools is no answer of a form.
 * @throws ProviderError `malformed` with what was used
 */
export function checkedAnswer(answer: ProviderAnswer, schema: JsonObject): ProviderAnswer {
  const isWhole = answer.finishReason === 'stop' && answer.toolCalls === undefined;
  if (isWhole && !isOfForm(answer.content, schema)) throw mismatch(answer.usage);
  return answer;
}

/** Gathers the text of a stream and checks it at its finish: what was handed out by then stands, but does not count as whole. */
export class CheckedReader implements StreamReader {
  private text = '';
  private hasCalls = false;

  constructor(
    private readonly reader: StreamReader,
    private readonly schema: JsonObject,
  ) {}

  get state(): EndState {
    return this.reader.state;
  }

  read(event: SseEvent): StreamPart[] {
    return this.checked(this.reader.read(event));
  }

  end(): StreamPart[] {
    return this.checked(this.reader.end());
  }

  private checked(parts: StreamPart[]): StreamPart[] {
    for (const part of parts) {
      if (part.type === 'text') this.text += part.text;
      else if (part.type === 'tool_call') this.hasCalls = true;
      else if (part.type === 'finish' && part.finishReason === 'stop' && !this.hasCalls) {
        if (!isOfForm(this.text, this.schema)) throw mismatch(part.usage);
      }
    }
    return parts;
  }
}

function isOfForm(text: string, schema: JsonObject): boolean {
  try {
    return meetsSchema(parseBounded(text), schema);
  } catch {
    return false; // What is no JSON is of no schema.
  }
}

function mismatch(usage: ProviderAnswer['usage']): ProviderError {
  return new ProviderError('malformed', 'The answer is not what the schema of the request says.', { usage });
}
