import type { ProviderCall, StreamPart } from '../../../interfaces/ai-adapter.interface.js';
import type { ToolCallDelta } from '../../../interfaces/completion.interface.js';
import type { ReportedUsage } from '../../../interfaces/usage.interface.js';
import { AnswerEnding, type EndState } from '../../chat/answers/answer-ending.js';
import { endWordOf } from '../../chat/answers/finish-reason.js';
import { asCount, asObject, asText, parseObject } from '../../wire/json-value.js';
import type { JsonObject } from '../../wire/json-value.js';
import type { SseEvent, StreamReader } from '../../chat/streams/stream-reader.js';
import { hintOf, ToolCallAssembler } from '../../chat/answers/tool-calls.js';
import { toUsage } from './outcome.js';
import { errorFromBody } from '../to-error.js';

const ALIVE: StreamPart[] = [{ type: 'alive' }];
const SIGN_OF_LIFE: StreamPart[] = [{ type: 'sign_of_life' }];
const MALFORMED: StreamPart[] = [{ type: 'malformed' }];

/** One message is one answer. */
const SPEAKER = '';

/**
 * Reads Anthropic's event stream (https://platform.claude.com/docs/en/build-with-claude/streaming). The stop reason
 * comes with `message_delta` together with the last usage, `message_stop` ends it.
 * The kind of an event is read from its data, where it stands as well as in the `event:` field.
 */
export class AnthropicStreamReader implements StreamReader {
  private readonly conversation: ProviderCall['messages'];
  private readonly ending = new AnswerEnding();
  private calls: ToolCallAssembler | undefined;
  /** Indices of blocks that are no calls of ours: the vendor's own tools write arguments too. */
  private readonly otherBlocks = new Set<string | undefined>();
  private readonly usage = new Map<string, unknown>();

  constructor({ messages }: Pick<ProviderCall, 'messages'>) {
    this.conversation = messages;
  }

  get state(): EndState {
    return this.ending.state;
  }

  read(event: SseEvent): StreamPart[] {
    const data = parseObject(event.data);
    if (!data) return MALFORMED;
    const type = asText(data['type'] ?? event.event) ?? '';
    switch (type) {
      case 'message_start':
        return this.start(asObject(data['message']) ?? {});
      case 'content_block_start':
        return this.said(this.openBlock(data['index'], asObject(data['content_block']) ?? {}));
      case 'content_block_delta':
        return this.said(this.extendBlock(data['index'], asObject(data['delta']) ?? {}));
      case 'content_block_stop':
        return toolCalls(this.calls?.close(data['index']));
      case 'message_delta':
        return this.delta(data);
      case 'message_stop':
        return this.finish();
      case 'error':
        throw errorFromBody(data);
      case 'ping':
        return SIGN_OF_LIFE;
      default:
        // "New event types may be added".
        return type === '' ? MALFORMED : ALIVE;
    }
  }

  end(): StreamPart[] {
    return this.ending.hasWord ? this.finish() : [];
  }

  private start(message: JsonObject): StreamPart[] {
    // The count of output tokens stands at a placeholder here; taken for a report it would spoil a cut answer's account.
    this.learn({ ...asObject(message['usage']), output_tokens: undefined });
    const start: StreamPart = { type: 'start', id: asText(message['id']), model: asText(message['model']) };
    return [start, { type: 'usage', usage: this.reported() }];
  }

  private openBlock(index: unknown, block: JsonObject): StreamPart[] {
    if (block['type'] === 'tool_use') {
      this.otherBlocks.delete(hintOf(index));
      this.calls ??= new ToolCallAssembler(this.conversation);
      const { id, name, input } = block;
      return toolCalls(this.calls.open({ index, id, name }, input));
    }
    this.otherBlocks.add(hintOf(index));
    if (block['type'] === 'text') return text(block['text'] ?? '');
    const thought = block['type'] === 'thinking' ? asText(block['thinking']) : undefined;
    if (thought) return reasoning(thought);
    return block['type'] === 'thinking' || block['type'] === 'redacted_thinking' ? SIGN_OF_LIFE : ALIVE;
  }

  private extendBlock(index: unknown, delta: JsonObject): StreamPart[] {
    switch (delta['type']) {
      case 'text_delta':
        return text(delta['text']);
      case 'thinking_delta':
        return reasoning(delta['thinking']);
      case 'input_json_delta':
        if (delta['partial_json'] === undefined) return MALFORMED;
        if (!this.calls || this.otherBlocks.has(hintOf(index))) return ALIVE;
        return toolCalls(this.calls.add({ index, arguments: delta['partial_json'] }));
      case 'signature_delta':
        return SIGN_OF_LIFE;
      default:
        return ALIVE;
    }
  }

  private delta(data: JsonObject): StreamPart[] {
    this.learn(asObject(data['usage']) ?? {});
    this.ending.note(SPEAKER, false, endWordOf(asObject(data['delta'])?.['stop_reason']));
    this.ending.noteUsage();
    return [{ type: 'usage', usage: this.reported() }];
  }

  private reported(): ReportedUsage {
    return toUsage(Object.fromEntries(this.usage));
  }

  private said(parts: StreamPart[]): StreamPart[] {
    const hasSpoken = parts !== ALIVE && parts !== MALFORMED;
    if (hasSpoken) this.ending.note(SPEAKER, true, undefined);
    return parts;
  }

  /** `message_stop` is the vendor's own terminator where no stop reason came, too. */
  private finish(): StreamPart[] {
    const parts: StreamPart[] = (this.calls?.end() ?? []).map((delta) => ({ type: 'tool_call', delta }));
    return [...parts, this.ending.finish(this.reported(), this.calls)];
  }

  /** Counts are cumulative: what an event leaves out, gives as null, as 0 or as no number at all stays as it was. */
  private learn(usage: JsonObject): void {
    for (const [name, value] of Object.entries(usage)) {
      const isReport = asCount(value) !== undefined || asObject(value) !== undefined;
      if (isReport && !(value === 0 && this.usage.has(name))) this.usage.set(name, value);
    }
  }
}

function text(value: unknown): StreamPart[] {
  if (typeof value !== 'string') return MALFORMED;
  return value === '' ? ALIVE : [{ type: 'text', text: value }];
}

function reasoning(value: unknown): StreamPart[] {
  if (typeof value !== 'string') return MALFORMED;
  return value === '' ? ALIVE : [{ type: 'reasoning', text: value }];
}

function toolCalls(deltas: readonly ToolCallDelta[] = []): StreamPart[] {
  return deltas.length === 0 ? ALIVE : deltas.map((delta) => ({ type: 'tool_call', delta }));
}
