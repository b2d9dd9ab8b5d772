import type { ProviderCall } from '../interfaces/ai-adapter.interface.js';
import type { Lack } from '../interfaces/attempt.interface.js';
import type { JsonFields } from '../interfaces/message.interface.js';
import type { WarningList } from './fit.js';
import { REASONING_FIELDS } from './openai/openai.reasoning.js';

/**
 * Fields of OpenAI's request that only its dialect has and without which something else would be asked: the answer as sound, a search
 * of the web, tools that are no functions, moderation.
 */
const INDISPENSABLE: readonly string[] = [
  'audio',
  'web_search_options',
  'tools',
  'tool_choice',
  'moderation',
];

/** What these ask for is so without them, or is done here: `metadata` is kept in our own log. */
const NOTHING_LOST: ReadonlySet<string> = new Set(['metadata', ...REASONING_FIELDS]);

/** What a vendor of another dialect lacks of the fields that OpenAI's alone has; null for nothing. */
export function foreignLack(fields: JsonFields, vendor: string): Lack | null {
  for (const field of INDISPENSABLE) {
    if (fields[field] !== undefined) return { field, reason: `${vendor} has no such field` };
  }
  const modalities = fields['modalities'];
  if (Array.isArray(modalities) && modalities.some((one) => one !== 'text')) {
    return { field: 'modalities', reason: `${vendor} answers in text alone` };
  }
  return null;
}

/** Warns of the fields that only OpenAI's dialect has and that `vendor` does not get; `known` are those that it does. */
export function ignoreForeignFields(
  { openaiFields = {} }: ProviderCall,
  vendor: string,
  known: readonly string[],
  warnings: WarningList,
): void {
  for (const field of Object.keys(openaiFields)) {
    if (NOTHING_LOST.has(field) || known.includes(field) || INDISPENSABLE.includes(field)) continue;
    const value = openaiFields[field];
    const isSoAnyway = (field === 'store' && value === false) || field === 'modalities';
    if (!isSoAnyway) warnings.ignored(field, `${vendor} has no such field`);
  }
}
