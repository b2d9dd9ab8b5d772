import type { Lack } from '../interfaces/attempt.interface.js';
import type { AskedOptions } from '../interfaces/completion.interface.js';
import type { ChatMessage } from '../interfaces/message.interface.js';
import { thinkingRule } from './anthropic/anthropic-family.js';
import type { DialectTarget } from './fit.js';
import { foreignLack } from './foreign-fields.js';
import { allowsObject } from './object-schema.js';
import { hasOfOpenAI } from './openai/openai-turn.js';
import { mediaLack } from './media-form.js';
import { forcesNoTool, isToolForced } from './tool-choice.js';

/** Of a request what a dialect may be unable to say. */
export type Expressible = AskedOptions & { messages?: readonly ChatMessage[] };

/** Whether a request asks for anything that some dialect might lack. Of plain text it costs a look at each turn. */
export function asksForMore(request: Expressible): boolean {
  if (request.openaiFields !== undefined || request.logprobs || request.tools?.length) return true;
  if (request.toolChoice !== undefined) return true;
  if (request.responseFormat !== undefined && request.responseFormat.type !== 'text') return true;
  const { messages } = request;
  if (messages === undefined) return false;
  for (const { content, openaiFields, providerData, toolCalls } of messages) {
    if (typeof content !== 'string' || toolCalls !== undefined) return true;
    if (openaiFields !== undefined || providerData !== undefined) return true;
  }
  return false;
}

/**
 * What of a request a dialect cannot say though leaving it out would change what is asked; null where it can say all. Its converter
 * can then make a body of every such request.
 */
export function lackOf(target: DialectTarget, model: string, request: Expressible): Lack | null {
  return turnLack(target, request.messages ?? []) ?? optionLack(target, model, request);
}

function turnLack({ type }: DialectTarget, messages: readonly ChatMessage[]): Lack | null {
  for (const [index, message] of messages.entries()) {
    const { role, content } = message;
    if (typeof content !== 'string') {
      for (const [place, part] of content.entries()) {
        const reason = part.type === 'text' ? null : mediaLack(type, role, part);
        if (reason !== null) return { field: `messages.${index}.content.${place}`, reason };
      }
    }
    const isForeign = type === 'ANTHROPIC' || type === 'GOOGLE';
    if (isForeign && hasOfOpenAI(message, 'audio')) {
      return { field: `messages.${index}.audio`, reason: 'the sound that OpenAI keeps is nobody else’s' };
    }
  }
  return null;
}

function optionLack({ type }: DialectTarget, model: string, request: Expressible): Lack | null {
  const { openaiFields, logprobs } = request;
  if (forcesNoTool(request))
    return { field: 'toolChoice', reason: 'it forces a tool, and there are no tools' };
  switch (type) {
    case 'OPENAI':
    case 'CUSTOM':
      return null;
    case 'GOOGLE':
      return openaiFields === undefined ? null : foreignLack(openaiFields, 'Gemini');
    case 'ANTHROPIC':
      if (logprobs) return { field: 'logprobs', reason: 'Anthropic tells no probabilities' };
      return (
        (openaiFields && foreignLack(openaiFields, 'Anthropic')) ??
        formLack(request) ??
        forcedToolLack(model, request)
      );
  }
}

/** A grammar, and a tool whose input is the answer, begin with an object there. */
function formLack({ responseFormat }: Expressible): Lack | null {
  if (responseFormat?.type !== 'json_schema' || allowsObject(responseFormat.schema)) return null;
  return { field: 'responseFormat', reason: 'Anthropic takes only schemas of objects' };
}

/** JSON mode is a forced tool there. */
function forcedToolLack(model: string, request: Expressible): Lack | null {
  const { responseFormat } = request;
  const isForced = isToolForced(request);
  if (!isForced && responseFormat?.type !== 'json') return null;
  if (thinkingRule(model) !== 'always') return null;
  return {
    field: isForced ? 'toolChoice' : 'responseFormat',
    reason: `${model} cannot be made to call a tool`,
  };
}
