import { describe, expect, it } from '@jest/globals';
import { endWordOf, meaningOf } from './finish-reason.js';

describe('meaningOf', () => {
  it.each([
    [
      'stop',
      'stop eos EOS_TOKEN end_turn stop_sequence COMPLETE <|im_end|> <|eot_id|> </s> <end_of_turn> FinishReason.STOP',
    ],
    ['stop', '<|endoftext|> <｜end▁of▁sentence｜> REASON_STOP stopped_eos endTurn'],
    [
      'length',
      'length MAX_TOKENS max_tokens model_length length_limit model_context_window_exceeded ERROR_LIMIT maxTokens',
    ],
    [
      'content_filter',
      'content_filter content_filtered SAFETY recitation refusal SPII sensitive guardrail_intervened ERROR_TOXIC',
    ],
    [
      'stop',
      '<turn|> <|END_OF_TURN_TOKEN|> <|assistant_end|> <|endofprompt|> [e~[ [EOS] normal_stop stop_str',
    ],
    [
      'length',
      'incomplete length_exceeded max_context_length max_seq_len context_overflow output_token_limit',
    ],
    ['content_filter', 'content_risk risk safety_check_failed'],
    [
      'failed',
      'connection_reset worker_lost gpu_oom kv_cache_full preempted no_capacity evicted gave_up incomplete_stream <|network_error|>',
    ],
    ['tool_calls', 'tool_calls tool_use function_call TOOL_CALL'],
    [
      'failed',
      'error ERROR network_error insufficient_system_resource engine_overloaded cancelled aborted abort',
    ],
    [
      'failed',
      'MALFORMED_FUNCTION_CALL UNEXPECTED_TOOL_CALL malformed_tool_use upstream_timeout our_server_failed',
    ],
    ['other', 'brand_new OTHER constructor __proto__ toString hasOwnProperty 42'],
  ])('is %s for %s', (meaning, words) => {
    for (const word of words.split(' ')) expect([word, meaningOf(word)]).toEqual([word, meaning]);
  });
});

describe('endWordOf', () => {
  it.each([null, undefined, '', ' ', 'null', 'None', 'FINISH_REASON_UNSPECIFIED', false, [], {}])(
    'takes %j for no word',
    (value) => expect(endWordOf(value)).toBeUndefined(),
  );

  it('takes any other text for one, and that of an object', () => {
    expect(['stop', '<|>', 7, { type: 'length', length: 5 }].map(endWordOf)).toEqual([
      'stop',
      '<|>',
      '7',
      'length',
    ]);
  });
});
