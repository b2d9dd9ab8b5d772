import type { ProviderCall } from '../interfaces/ai-adapter.interface.js';
import type { CompletionWarning } from '../interfaces/completion.interface.js';
import type { AIProviderType } from '../interfaces/ai-provider.interface.js';
import type { ChatMessage, JsonFields, MediaSource } from '../interfaces/message.interface.js';
import { WarningList } from './fit.js';
import type { DialectTarget, Refused } from './fit.js';
import { anthropicFile } from './media-form.js';
import { hasOfOpenAI } from './openai/openai-turn.js';
import { reasoningBack } from './history-reasoning.js';

/** Kinds of fields that are warned of at most: a caller may make up any number. */
const MAX_KINDS = 64;

/** Warns of each kind of field once, at its first place. */
class FirstOfKind {
  private readonly warnings = new WarningList();
  private kinds: Set<string> | undefined;

  get all(): readonly CompletionWarning[] {
    return this.warnings.all;
  }

  ignored(place: string, kind: string, detail: string): void {
    this.kinds ??= new Set();
    if (this.kinds.size >= MAX_KINDS || this.kinds.has(kind)) return;
    this.kinds.add(kind);
    this.warnings.ignored(`${place}.${kind}`, detail);
  }
}

/** What of the turns, the tools and the format a vendor does not get as asked. */
export function turnWarnings(
  target: DialectTarget,
  call: ProviderCall,
  refused: Refused,
): readonly CompletionWarning[] {
  const found = new FirstOfKind();
  const isForeign = target.type === 'ANTHROPIC' || target.type === 'GOOGLE';
  const messages = call.asked?.messages ?? call.messages;
  for (let index = 0; index < messages.length; index++) {
    const message = messages[index]!;
    const place = `messages.${index}`;
    if (message.reasoning && !takesReasoning(target, call.model, message, refused))
      found.ignored(place, 'reasoning', `${call.model} does not take it back`);
    if (refused.has('annotations') && hasOfOpenAI(message, 'annotations'))
      found.ignored(place, 'annotations', `${call.model} does not take them back`);
    if (message.providerData && message.providerData[KEY_OF[target.type]] === undefined)
      found.ignored(place, 'providerData', 'it is of another vendor');
    if (isForeign) warnOfTurn(target, message, place, found);
  }
  if (isForeign) warnOfForms(target, call, found);
  return found.all;
}

/** Under which name a turn holds what a vendor of this type wants back. */
const KEY_OF = { OPENAI: 'openai', CUSTOM: 'openai', ANTHROPIC: 'anthropic', GOOGLE: 'google' } as const;

function takesReasoning(
  target: DialectTarget,
  model: string,
  { providerData }: ChatMessage,
  refused: Refused,
): boolean {
  const { type } = target;
  // The vendor's own blocks hold the thoughts.
  if (type === 'ANTHROPIC' || type === 'GOOGLE') return providerData?.[KEY_OF[type]] !== undefined;
  const back = reasoningBack(target, model);
  return back !== null && !refused.has(back.field);
}

function warnOfTurn({ type }: DialectTarget, message: ChatMessage, place: string, found: FirstOfKind): void {
  const { role, name, content, openaiFields, toolCalls } = message;
  const vendor = type === 'ANTHROPIC' ? 'Anthropic' : 'Gemini';
  if (name !== undefined && role !== 'tool')
    found.ignored(place, 'name', `${vendor} has no names of speakers`);
  if (openaiFields !== undefined) ignoreAll(openaiFields, place, vendor, found);
  if (typeof content !== 'string') {
    content.forEach((part, at) => {
      if (part.type === 'file' && part.name !== undefined && isNameless(type, part.source))
        found.ignored(`${place}.content.${at}`, 'name', `${vendor} has no name for it`);
      if (part.openaiFields !== undefined && part.type !== 'other') {
        ignoreAll(part.openaiFields, `${place}.content.${at}`, vendor, found);
      }
    });
  }
  toolCalls?.forEach(({ openaiFields: fields }, at) => {
    if (fields !== undefined) ignoreAll(fields, `${place}.toolCalls.${at}`, vendor, found);
  });
}

/** Gemini names no files, and Anthropic no images. */
function isNameless(type: AIProviderType, source: MediaSource): boolean {
  return type === 'GOOGLE' || ('data' in source && anthropicFile(source.mediaType) === 'image');
}

function warnOfForms(
  { type }: DialectTarget,
  { tools, responseFormat }: ProviderCall,
  found: FirstOfKind,
): void {
  const vendor = type === 'ANTHROPIC' ? 'Anthropic' : 'Gemini';
  tools?.forEach(({ openaiFields }, index) => {
    if (openaiFields !== undefined) ignoreAll(openaiFields, `tools.${index}`, vendor, found);
  });
  if (responseFormat?.type === 'json_schema' && responseFormat.openaiFields !== undefined) {
    ignoreAll(responseFormat.openaiFields, 'responseFormat', vendor, found);
  }
}

/** Fields that say no are so anyway; an object of fields stands for its own. */
function ignoreAll(fields: JsonFields, place: string, vendor: string, found: FirstOfKind): void {
  for (const [name, value] of Object.entries(fields)) {
    if (value === false) continue;
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && NESTED.has(name)) {
      ignoreAll(value as JsonFields, `${place}.${name}`, vendor, found);
    } else found.ignored(place, name, `${vendor} has no such field`);
  }
}

/** Where OpenAI's form has the fields of a thing one level down. */
const NESTED: ReadonlySet<string> = new Set([
  'function',
  'custom',
  'image_url',
  'file',
  'input_audio',
  'json_schema',
]);
