/** Where OpenAI's name of a field is not ours in its writing. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['stopSequences', 'stop'],
  ['reasoning.effort', 'reasoning_effort'],
  ['sessionId', 'prompt_cache_key'],
  ['systemPrompt', 'messages'],
]);

/** The name that a caller of the OpenAI API knows a field of ours by. */
export function toOpenAIField(field: string): string {
  return NAMES.get(field) ?? field.replace(/[a-z][A-Z]/g, ([low, high]) => `${low}_${high?.toLowerCase()}`);
}
