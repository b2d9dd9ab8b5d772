/** OpenAI's rule of thumb for English text: "What are tokens and how to count them?", help.openai.com. */
const CHARACTERS_A_TOKEN = 4;

/** Looked at, spread over the text. */
const SAMPLED = 256;

/**
 * Tokens of a text by its characters alone, in a time that does not grow with it: one for four of ASCII, one for each other
 * character, as ideographs have it; other scripts have fewer.
 */
export function roughTokens(text: { readonly length: number; toString(): string }): number {
  const held = text.toString();
  if (held.length === 0) return 0;
  const stride = Math.max(1, Math.floor(held.length / SAMPLED));
  let looked = 0;
  let ascii = 0;
  for (let at = 0; at < held.length; at += stride) {
    looked += 1;
    if (held.charCodeAt(at) < 128) ascii += 1;
  }
  return Math.ceil((text.length * (ascii / CHARACTERS_A_TOKEN + looked - ascii)) / looked);
}
