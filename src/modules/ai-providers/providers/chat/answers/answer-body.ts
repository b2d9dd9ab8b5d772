import { ProviderError } from '../../../errors/provider.error.js';
import type { ProviderAnswer, ProviderCall, StreamPart } from '../../../interfaces/ai-adapter.interface.js';
import { parseBounded } from '../../wire/bounded-json.js';
import { EventStream } from '../streams/event-stream.js';
import { gatherAnswer } from '../streams/gather-answer.js';
import { asObject } from '../../wire/json-value.js';
import { drain } from '../../wire/body-drain.js';
import { MAX_BODY_BYTES, readBodyText, type OpenedBody } from '../../wire/response-body.js';
import type { StreamReader } from '../streams/stream-reader.js';

/** What only the vendor's adapter knows of its answers. */
interface AnswerForms {
  fromResponse(json: unknown, call: ProviderCall): ProviderAnswer;
  createReader(call: ProviderCall): StreamReader;
}

/** Reads the body of a 2xx answer, whichever form it comes in: one JSON object, a list of a stream's events, or a stream. */
export class AnswerBody {
  constructor(private readonly forms: AnswerForms) {}

  /** The whole answer; events that came though none were asked for are put together. @throws ProviderError */
  async whole(response: Response, opened: OpenedBody, call: ProviderCall): Promise<ProviderAnswer> {
    if (opened.form === 'json') return this.json(response, opened, call);
    const parts: StreamPart[] = [];
    let chars = 0;
    for await (const read of this.events(response, opened, call)) {
      for (const part of read) {
        parts.push(part);
        chars += lengthOf(part);
      }
      if (chars > MAX_BODY_BYTES) throw new ProviderError('malformed', 'The answer is too large.');
    }
    return gatherAnswer(parts, call);
  }

  /** @throws ProviderError `malformed` where the body is no answer; the vendor's own error where it is one. */
  async json({ status }: Response, opened: OpenedBody, call: ProviderCall): Promise<ProviderAnswer> {
    const text = await readBodyText(opened);
    let json: unknown;
    try {
      json = parseBounded(text);
    } catch (cause) {
      const isJson = !(cause instanceof SyntaxError);
      const what = isJson ? 'with more than an answer may hold' : 'with something that is not JSON';
      throw new ProviderError('malformed', `The provider answered ${what}.`, { status, cause });
    }
    if (Array.isArray(json) && asObject(json[0])) return this.list(json, call);
    if (asObject(json) === undefined) {
      throw new ProviderError('malformed', 'The provider answered with JSON that is not an object.', {
        status,
      });
    }
    return this.forms.fromResponse(json, call);
  }

  /** @throws ProviderError `malformed` where the body is neither events nor said to be. */
  events(
    response: Response,
    { form, chunks }: OpenedBody,
    call: ProviderCall,
  ): AsyncIterable<readonly StreamPart[]> {
    const contentType = mediaType(response);
    if (form !== 'events' && contentType !== 'text/event-stream') {
      drain(chunks, undefined, true);
      const what = form === 'undecided' ? 'nothing' : contentType || 'something unknown';
      throw new ProviderError('malformed', `The provider answered with ${what}.`, {
        status: response.status,
      });
    }
    return new EventStream(chunks, this.forms.createReader(call));
  }

  /**
   * All events of a stream in one list: what Gemini sends without `alt=sse`
   * (https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent), and relays of it.
   */
  private list(events: readonly unknown[], call: ProviderCall): ProviderAnswer {
    const reader = this.forms.createReader(call);
    const parts: StreamPart[] = [];
    for (const event of events) {
      for (const part of reader.read({ data: JSON.stringify(event) })) parts.push(part);
      if (parts.at(-1)?.type === 'finish') return gatherAnswer(parts, call);
    }
    for (const part of reader.end()) parts.push(part);
    return gatherAnswer(parts, call);
  }
}

function mediaType(response: Response): string {
  return (response.headers.get('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase();
}

/** Characters, with something for what holds them. */
function lengthOf(part: StreamPart): number {
  const said = part.type === 'tool_call' ? part.delta.arguments : 'text' in part ? part.text : '';
  return said.length + 1;
}
