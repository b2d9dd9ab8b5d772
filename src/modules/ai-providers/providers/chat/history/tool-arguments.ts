import { wellFormedJson } from '../../wire/well-formed-json.js';

/**
 * The arguments of a call in a history as the text of JSON: blank and `null` are an object without properties. What else
 * is no JSON object stays as the model wrote it.
 */
export function argumentsText(text: string): string {
  const said = text.trim();
  return said === '' || said === 'null' ? '{}' : wellFormedJson(text);
}
