import type Anthropic from '@anthropic-ai/sdk';
import { anthropicFile, plainType } from '../../../dialects/media-form.js';
import type { ChatMessage, ContentPart, MediaSource } from '../../../interfaces/message.interface.js';
import { parseObject } from '../../wire/json-value.js';

/** What both a user's turn and a tool's result may hold. */
type UserBlock = Anthropic.TextBlockParam | Anthropic.ImageBlockParam | Anthropic.DocumentBlockParam;

/**
 * A message's content as blocks. Texts of white space only are dropped: Anthropic refuses them ("text content blocks
 * must contain non-whitespace text").
 * What Anthropic cannot take does not come here: `lackOf` says what that is.
 */
export function userBlocks(content: ChatMessage['content']): UserBlock[] {
  if (typeof content === 'string') return textBlocks(content);
  return content.flatMap((part) => blocksOf(part));
}

/** What an assistant said and which tools it asked for; as it said it where that is known, thoughts and signatures included. */
export function assistantBlocks(message: ChatMessage): Anthropic.ContentBlockParam[] {
  const said = message.providerData?.anthropic?.content;
  if (said !== undefined) return [...said] as unknown as Anthropic.ContentBlockParam[];
  const parts = typeof message.content === 'string' ? textParts(message.content) : message.content;
  return [
    ...parts.flatMap((part) => (part.type === 'text' ? textBlocks(part.text) : [])),
    ...(message.toolCalls ?? []).map((call) => ({
      type: 'tool_use' as const,
      id: call.id,
      name: call.name,
      // The model may have written something that is no JSON object; Anthropic takes nothing else.
      input: parseObject(call.arguments || '{}') ?? { arguments: call.arguments },
    })),
  ];
}

/** A tool's answer. An empty one is sent without content, which Anthropic allows here. */
export function toolResult(message: ChatMessage): Anthropic.ToolResultBlockParam {
  const content = userBlocks(message.content);
  return {
    type: 'tool_result',
    tool_use_id: message.toolCallId ?? '',
    ...(content.length > 0 && { content }),
  };
}

function blocksOf(part: ContentPart): UserBlock[] {
  switch (part.type) {
    case 'text':
      return textBlocks(part.text);
    case 'image':
      return [{ type: 'image', source: imageSource(part.source) }];
    case 'file':
      return [fileBlock(part.source, part.name)];
    case 'audio':
    case 'other':
      throw unsupported(part.type);
  }
}

/** https://platform.claude.com/docs/en/build-with-claude/pdf-support */
function fileBlock(source: MediaSource, name: string | undefined): UserBlock {
  const title = name ? { title: name } : {};
  if ('url' in source) return { type: 'document', source: { type: 'url', url: source.url }, ...title };
  const { data, mediaType } = source;
  switch (anthropicFile(mediaType)) {
    case 'image':
      return { type: 'image', source: imageSource(source) };
    case 'pdf':
      return { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data }, ...title };
    case 'text': {
      const text = Buffer.from(data, 'base64').toString('utf8');
      return { type: 'document', source: { type: 'text', media_type: 'text/plain', data: text }, ...title };
    }
    case undefined:
      throw unsupported(`a file of ${mediaType}`);
  }
}

/** https://platform.claude.com/docs/en/build-with-claude/vision */
function imageSource(source: MediaSource): Anthropic.ImageBlockParam['source'] {
  if ('url' in source) return { type: 'url', url: source.url };
  const media_type = plainType(source.mediaType) as Anthropic.Base64ImageSource['media_type'];
  return { type: 'base64', media_type, data: source.data };
}

function textBlocks(text: string): Anthropic.TextBlockParam[] {
  return text.trim() === '' ? [] : [{ type: 'text', text }];
}

function textParts(text: string): ContentPart[] {
  return [{ type: 'text', text }];
}

/** `lackOf` has seen to it that no such part comes here. */
function unsupported(what: string): Error {
  return new Error(`Anthropic does not take ${what}.`);
}
