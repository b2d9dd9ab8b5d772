import type Anthropic from '@anthropic-ai/sdk';

/** Body of `POST /v1/messages` under API version 2023-06-01, which still has the sampling parameters. */
export type AnthropicRequest = Omit<Anthropic.MessageCreateParamsNonStreaming, 'stream'> & {
  temperature?: number;
  top_p?: number;
  top_k?: number;
  stream: boolean;
};
