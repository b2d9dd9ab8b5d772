import type { ErrorReading } from './body/error-reading.interface.js';

/** How much of a refusal is looked through, in characters. Our number: vendors' own stay far below. */
const MAX_CHARS = 8_192;

/**
 * What a vendor said when it refused, as its words in lower case, names taken apart: `max_tokens`, `maxTokens` and `max tokens` are
 * the same two, quoted or not, in a sentence or in the place that the body names.
 */
export class RefusalWords {
  private readonly words: readonly string[];

  constructor({ message = '', places }: Pick<ErrorReading, 'message' | 'places'>) {
    this.words = wordsOf([message.slice(0, MAX_CHARS), ...places].join('\n').slice(0, 2 * MAX_CHARS));
  }

  /** Whether a field's name stands in it. */
  name(field: string): boolean {
    const wanted = wordsOf(field);
    return this.words.some((_, start) => wanted.every((word, offset) => this.words[start + offset] === word));
  }

  toString(): string {
    return this.words.join(' ');
  }
}

function wordsOf(text: string): string[] {
  const apart = text.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return apart.match(/[a-z]+|\d+/g) ?? [];
}
