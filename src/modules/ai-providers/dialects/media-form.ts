import type { AIProviderType } from '../interfaces/ai-provider.interface.js';
import type { ContentPart, MediaSource, MessageRole } from '../interfaces/message.interface.js';

/** A part that is no text, or none of ours. */
type Media = Exclude<ContentPart, { type: 'text' }>;

/** Names of the formats that `input_audio` takes: https://platform.openai.com/docs/guides/audio. */
const OPENAI_AUDIO: ReadonlyMap<string, string> = new Map([
  ['audio/wav', 'wav'],
  ['audio/x-wav', 'wav'],
  ['audio/wave', 'wav'],
  ['audio/vnd.wave', 'wav'],
  ['audio/mpeg', 'mp3'],
  ['audio/mp3', 'mp3'],
]);

/** https://platform.claude.com/docs/en/build-with-claude/vision */
const ANTHROPIC_IMAGES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

/** Media types of text that do not say so. */
const TEXT_TYPES =
  /^(?:text\/|application\/(?:json|xml|javascript|x-yaml|yaml|x-sh|sql)$|application\/.*\+(?:json|xml)$)/;

/** What a media type says without its parameters, in lower case. */
export function plainType(mediaType: string): string {
  const end = mediaType.indexOf(';');
  return (end < 0 ? mediaType : mediaType.slice(0, end)).trim().toLowerCase();
}

/**
 * The `format` of OpenAI's `input_audio`; undefined where the form has none for it. Compatible servers take others than OpenAI's two
 * (vLLM, OpenRouter), under the subtype's name.
 */
export function audioFormat(type: 'OPENAI' | 'CUSTOM', mediaType: string): string | undefined {
  const plain = plainType(mediaType);
  const known = OPENAI_AUDIO.get(plain);
  return (
    known ?? (type === 'CUSTOM' ? (/^audio\/(?:x-)?([\w.+-]+)$/.exec(plain)?.[1] ?? undefined) : undefined)
  );
}

/** How Anthropic takes a file by value; undefined where its form has nothing for it. */
export function anthropicFile(mediaType: string): 'image' | 'pdf' | 'text' | undefined {
  const plain = plainType(mediaType);
  if (ANTHROPIC_IMAGES.has(plain)) return 'image';
  if (plain === 'application/pdf') return 'pdf';
  return TEXT_TYPES.test(plain) ? 'text' : undefined;
}

/**
 * Why the dialect's form cannot hold a part in a turn of this role; null where it can. System texts are gathered in one place, which
 * no vendor lets hold anything else.
 */
export function mediaLack(type: AIProviderType, role: MessageRole, part: Media): string | null {
  if (role === 'system') return `a system message holds text alone, no ${part.type}`;
  switch (type) {
    case 'OPENAI':
      return role === 'user' ? openaiLack(type, part) : `OpenAI takes text alone from ${ROLE_WORD[role]}`;
    case 'CUSTOM':
      return openaiLack(type, part);
    case 'ANTHROPIC':
      return role === 'assistant' ? 'Anthropic takes text alone from an assistant' : anthropicLack(part);
    case 'GOOGLE':
      return part.type === 'other' ? otherLack('Gemini') : null;
  }
}

const ROLE_WORD = { assistant: 'an assistant', tool: 'a tool' } as const;

function openaiLack(type: 'OPENAI' | 'CUSTOM', part: Media): string | null {
  switch (part.type) {
    case 'file':
      return 'url' in part.source ? 'OpenAI’s form takes files by value, not by URL' : null;
    case 'audio':
      if ('url' in part.source) return 'OpenAI’s form takes audio by value, not by URL';
      return audioFormat(type, part.source.mediaType) === undefined
        ? `OpenAI’s form takes audio as wav or mp3, not as ${shown(part.source)}`
        : null;
    case 'image':
    case 'other':
      return null;
  }
}

function anthropicLack(part: Media): string | null {
  switch (part.type) {
    case 'audio':
      return 'Anthropic does not take audio';
    case 'other':
      return otherLack('Anthropic');
    case 'image':
      if ('url' in part.source || ANTHROPIC_IMAGES.has(plainType(part.source.mediaType))) return null;
      return `Anthropic takes images as jpeg, png, gif or webp, not as ${shown(part.source)}`;
    case 'file':
      if ('url' in part.source || anthropicFile(part.source.mediaType) !== undefined) return null;
      return `Anthropic takes files as PDF, text or image, not as ${shown(part.source)}`;
  }
}

function otherLack(vendor: string): string {
  return `${vendor} has no such part: OpenAI’s dialect alone does`;
}

function shown(source: Extract<MediaSource, { mediaType: string }>): string {
  return source.mediaType.slice(0, 100);
}
