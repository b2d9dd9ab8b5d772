import { cutText, type Dialect, type Piece, type SaidAnswer } from './dialect.js';
import type { ErrorReason } from './upstream-script.js';

const STOP_REASONS = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
} as const;

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** Anthropic's Messages, as its pages "Messages", "Streaming messages" and "Errors" describe them. */
export const anthropicDialect: Dialect = {
  name: 'anthropic',
  streams: (request) => request.body['stream'] === true,
  model: (request) =>
    typeof request.body['model'] === 'string' ? request.body['model'] : 'claude-sonnet-5-5',
  plain,
  stream,
  error: (status, reason, message) => JSON.stringify(errorBody(status, reason, message)),
  errorEvent: () => event(errorBody(529, undefined, undefined), 'error'),
  malformedEvent: () => 'event: content_block_delta\ndata: {"type":"content_block_delta","ind\n\n',
  get: (path) => {
    const model = (id: string): object => ({
      type: 'model',
      id,
      display_name: id,
      created_at: '2025-01-01T00:00:00Z',
    });
    const id = /\/models\/(.+)$/.exec(path)?.[1];
    if (id !== undefined) return model(decodeURIComponent(id));
    const data = [model('claude-sonnet-5-5')];
    return { data, has_more: false, first_id: 'claude-sonnet-5-5', last_id: 'claude-sonnet-5-5' };
  },
};

function inputUsage(said: SaidAnswer): Record<string, number> {
  if (said.usage === null) return {};
  const { prompt, cached, cacheWrite } = said.usage;
  // Anthropic counts cached tokens beside `input_tokens`, not in it.
  return {
    input_tokens: prompt - (cached ?? 0) - (cacheWrite ?? 0),
    cache_creation_input_tokens: cacheWrite ?? 0,
    cache_read_input_tokens: cached ?? 0,
  };
}

/** What was written for how long: the opening of a stream says it, its end does not. */
function writtenFor(said: SaidAnswer): object {
  const { cacheWrite = 0, cacheWrite1h } = said.usage ?? {};
  if (cacheWrite1h === undefined) return {};
  return {
    cache_creation: {
      ephemeral_5m_input_tokens: cacheWrite - cacheWrite1h,
      ephemeral_1h_input_tokens: cacheWrite1h,
    },
  };
}

function blocksOf(said: SaidAnswer): { block: Record<string, unknown>; deltas: object[] }[] {
  const blocks: { block: Record<string, unknown>; deltas: object[] }[] = [];
  if (said.reasoning !== undefined) {
    const deltas: object[] = cutText(said.reasoning, 2).map((thinking) => ({
      type: 'thinking_delta',
      thinking,
    }));
    deltas.push({ type: 'signature_delta', signature: 'c2lnbmF0dXJl' });
    blocks.push({ block: { type: 'thinking', thinking: said.reasoning, signature: 'c2lnbmF0dXJl' }, deltas });
  }
  if (said.text !== '') {
    const deltas = cutText(said.text, said.chunks).map((text) => ({ type: 'text_delta', text }));
    blocks.push({ block: { type: 'text', text: said.text }, deltas });
  }
  said.toolCalls?.forEach((call, index) => {
    const deltas = cutText(call.arguments, 3).map((part) => ({
      type: 'input_json_delta',
      partial_json: part,
    }));
    const input: unknown = JSON.parse(call.arguments);
    blocks.push({
      block: { type: 'tool_use', id: `toolu_${said.id}${index}`, name: call.name, input },
      deltas,
    });
  });
  return blocks;
}

function message(said: SaidAnswer, content: object[], stopReason: string | null, usage: object): object {
  return {
    id: `msg_${said.id}`,
    type: 'message',
    role: 'assistant',
    model: said.model,
    content,
    stop_reason: stopReason,
    stop_sequence: null,
    usage,
  };
}

function plain(said: SaidAnswer): string {
  const usage = said.usage && {
    ...inputUsage(said),
    ...writtenFor(said),
    output_tokens: said.usage.completion,
    service_tier: 'standard',
  };
  const content = blocksOf(said).map(({ block }) => block);
  return JSON.stringify(message(said, content, STOP_REASONS[said.finish], usage ?? {}));
}

function stream(said: SaidAnswer): Piece[] {
  const opening = said.usage ? { ...inputUsage(said), ...writtenFor(said), output_tokens: 1 } : {};
  const pieces: Piece[] = [
    { data: event({ type: 'message_start', message: message(said, [], null, opening) }, 'message_start') },
  ];
  blocksOf(said).forEach(({ block, deltas }, index) => {
    const empty = { ...block, ...emptied(block) };
    const start = { type: 'content_block_start', index, content_block: empty };
    pieces.push({ data: event(start, start.type), content: block['type'] === 'tool_use' });
    if (index === 0) pieces.push({ data: event({ type: 'ping' }, 'ping') });
    for (const delta of deltas) {
      pieces.push({
        data: event({ type: 'content_block_delta', index, delta }, 'content_block_delta'),
        content: true,
      });
    }
    pieces.push({ data: event({ type: 'content_block_stop', index }, 'content_block_stop') });
  });
  const usage = said.usage ? { ...inputUsage(said), output_tokens: said.usage.completion } : {};
  const ending = {
    type: 'message_delta',
    delta: { stop_reason: STOP_REASONS[said.finish], stop_sequence: null },
    usage,
  };
  pieces.push({ data: event(ending, ending.type), bills: said.usage !== null });
  pieces.push({ data: event({ type: 'message_stop' }, 'message_stop'), terminator: true });
  return pieces;
}

function emptied(block: Record<string, unknown>): object {
  if (block['type'] === 'thinking') return { thinking: '', signature: '' };
  return block['type'] === 'text' ? { text: '' } : { input: {} };
}

function event(data: object, name: string): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function errorBody(status: number, reason: ErrorReason | undefined, text: string | undefined): object {
  const type = ERROR_TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  const said =
    text ?? (reason === undefined ? (type === 'overloaded_error' ? 'Overloaded' : type) : REASONS[reason]);
  return { type: 'error', error: { type, message: said }, request_id: 'req_fake' };
}

const REASONS: Readonly<Record<ErrorReason, string>> = {
  context_length: 'prompt is too long: 210000 tokens > 200000 maximum',
  quota: 'Your credit balance is too low to access the Anthropic API.',
  bad_key: 'invalid x-api-key',
  content_filter: 'Output blocked by content filtering policy',
  model: 'model: nope',
};
