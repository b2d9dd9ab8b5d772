const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;

/** What a JSON text would be once it is parsed. */
export interface JsonStructure {
  /** At least its objects, lists and values in them; at most twice as many. */
  values: number;
  depth: number;
}

/**
 * Looks at a JSON text in UTF-8 without parsing it: two bytes of it can be a value of sixty in memory. What is no JSON gets
 * some numbers too.
 */
export function structureOf(json: Buffer): JsonStructure {
  let values = 0;
  let depth = 0;
  let deepest = 0;
  for (let index = 0; index < json.length; index += 1) {
    const byte = json[index];
    if (byte === QUOTE) {
      index = endOfString(json, index + 1);
    } else if (byte === COMMA) {
      values += 1;
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      values += 1;
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      depth -= 1;
    }
  }
  return { values, depth: deepest };
}

/** Where the quote is that ends a string. */
function endOfString(json: Buffer, start: number): number {
  for (let quote = json.indexOf(QUOTE, start); quote !== -1; quote = json.indexOf(QUOTE, quote + 1)) {
    let escapes = quote;
    while (escapes > start && json[escapes - 1] === BACKSLASH) escapes -= 1;
    if ((quote - escapes) % 2 === 0) return quote;
  }
  return json.length;
}
