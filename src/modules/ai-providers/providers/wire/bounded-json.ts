/** Shorter texts are parsed as they are: they cannot be nested deeper than what can be written as JSON again. */
const UNCHECKED_CHARS = 4 * 1024;

/**
 * How deep and how rich a JSON text of a vendor may be. Our numbers: no vendor's answer is nested deeper than some twenty
 * levels, and the richest one, the log probabilities of 4,096 tokens with twenty alternatives each, costs 580,000. The
 * worst text of this cost, nothing but names of fields, takes V8 half a second and 50 MB.
 */
const MAX_DEPTH = 500;
const MAX_COST = 600_000;
const COST_OF_COMMA = 0.25;

/** A JSON text that would take more memory or time than an answer is worth. */
class CostlyJsonError extends Error {}

/**
 * `JSON.parse` with a bound on what a vendor's text can cost: work and memory stay in proportion to a sound answer. No library
 * does it: those that stream parse in JavaScript, many times slower, and `secure-json-parse` looks at names alone.
 * @throws SyntaxError where it is no JSON, `CostlyJsonError` where it is deeper or richer than the bounds above.
 */
export function parseBounded(text: string): unknown {
  if (text.length > UNCHECKED_CHARS) assertAffordable(text);
  return JSON.parse(text) as unknown;
}

/** Looks at what stands outside of strings, once, and skips these by the engine's own search. */
function assertAffordable(text: string): void {
  let depth = 0;
  let cost = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = endOfString(text, at);
        break;
      case 0x5b: // [
      case 0x7b: // {
        cost++;
        if (++depth > MAX_DEPTH) throw new CostlyJsonError('The JSON is nested too deep.');
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
      case 0x3a: // :
        cost++;
        break;
      case 0x2c: // ,
        cost += COST_OF_COMMA;
    }
    if (cost > MAX_COST) throw new CostlyJsonError('The JSON holds too many values.');
  }
}

/** Where the string that begins at `start` ends; the text's own end where it does not. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}
