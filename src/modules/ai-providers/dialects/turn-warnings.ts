import type { ProviderCall } from '../interfaces/ai-adapter.interface.js';
import type { CompletionWarning } from '../interfaces/completion.interface.js';
import type { ChatMessage, JsonFields } from '../interfaces/message.interface.js';
import { WarningList } from './fit.js';
import type { DialectTarget } from './fit.js';
import { reasoningBack } from './history-reasoning.js';

/** Warns of each kind of field once, at its first place. */
class FirstOfKind {
  private readonly warnings = new WarningList();
  private kinds: string[] | undefined;

  get all(): readonly CompletionWarning[] {
    return this.warnings.all;
  }

  ignored(place: string, kind: string, detail: string): void {
    if ((this.kinds ??= []).includes(kind)) return;
    this.kinds.push(kind);
    this.warnings.ignored(`${place}.${kind}`, detail);
  }
}

/** What of the turns, the tools and the format a vendor does not get as asked. */
export function turnWarnings(target: DialectTarget, call: ProviderCall): readonly CompletionWarning[] {
  const found = new FirstOfKind();
  const isForeign = target.type === 'ANTHROPIC' || target.type === 'GOOGLE';
  const messages = call.asked?.messages ?? call.messages;
  for (let index = 0; index < messages.length; index++) {
    const message = messages[index]!;
    if (message.reasoning !== undefined) warnOfReasoning(target, call.model, message, index, found);
    if (isForeign) warnOfTurn(target, message, index, found);
  }
  if (isForeign) warnOfForms(target, call, found);
  return found.all;
}

function warnOfReasoning(
  target: DialectTarget,
  model: string,
  { providerData }: ChatMessage,
  index: number,
  found: FirstOfKind,
): void {
  const { type } = target;
  const isGivenBack =
    (type === 'ANTHROPIC' && providerData?.anthropic !== undefined) ||
    (type === 'GOOGLE' && providerData?.google !== undefined) ||
    ((type === 'OPENAI' || type === 'CUSTOM') && reasoningBack(target, model) !== null);
  if (!isGivenBack) found.ignored(`messages.${index}`, 'reasoning', `${model} does not take it back`);
}

function warnOfTurn({ type }: DialectTarget, message: ChatMessage, index: number, found: FirstOfKind): void {
  const { role, name, content, openaiFields, toolCalls } = message;
  const place = `messages.${index}`;
  const vendor = type === 'ANTHROPIC' ? 'Anthropic' : 'Gemini';
  if (name !== undefined && role !== 'tool')
    found.ignored(place, 'name', `${vendor} has no names of speakers`);
  if (openaiFields !== undefined) ignoreAll(openaiFields, place, vendor, found);
  if (typeof content !== 'string') {
    content.forEach((part, at) => {
      if (part.openaiFields !== undefined && part.type !== 'other') {
        ignoreAll(part.openaiFields, `${place}.content.${at}`, vendor, found);
      }
    });
  }
  toolCalls?.forEach(({ openaiFields: fields }, at) => {
    if (fields !== undefined) ignoreAll(fields, `${place}.toolCalls.${at}`, vendor, found);
  });
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
