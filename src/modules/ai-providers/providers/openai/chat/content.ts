import { asArray, asObject, asText } from '../../wire/json-value.js';
import type { JsonObject } from '../../wire/json-value.js';

/** What a message or a delta says. */
export interface Said {
  text: string;
  reasoning: string;
  refusal: string;
}

/**
 * The text, reasoning and refusal of a `message` or `delta`. Reasoning is no field of OpenAI's: DeepSeek, vLLM and xAI
 * call it `reasoning_content`, OpenRouter, Groq and Ollama `reasoning`; Mistral sends the content as a list of `text` and
 * `thinking` parts.
 */
export function readSaid(message: JsonObject): Said {
  const { content } = message;
  const reasoning = asText(message.reasoning_content) ?? asText(message.reasoning) ?? '';
  const refusal = asText(message.refusal) ?? '';
  if (!Array.isArray(content)) return { text: asText(content) ?? '', reasoning, refusal };
  return {
    text: joined(content, 'text', 'text'),
    reasoning: reasoning + thinking(content),
    refusal: refusal || joined(content, 'refusal', 'refusal'),
  };
}

function thinking(parts: unknown[]): string {
  return parts.map((part) => joined(asArray(asObject(part)?.thinking), 'text', 'text')).join('');
}

function joined(parts: unknown[], type: string, field: 'text' | 'refusal'): string {
  return parts
    .map(asObject)
    .map((part) => (part?.type === type ? (asText(part[field]) ?? '') : ''))
    .join('');
}
