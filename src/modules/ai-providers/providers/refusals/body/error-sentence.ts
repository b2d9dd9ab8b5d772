import { isNaming, isProse, isSpeaking } from './error-words.js';

/** Beyond this a joined message begins with what lies innermost, so that shortening it keeps that. In characters. */
const ROOM = 400;

/**
 * A sentence and where it was found. Rank 2: under a name for sentences; 1: under another name; 0: a single word under such a
 * name.
 */
export interface Sentence {
  text: string;
  place: string | undefined;
  depth: number;
  rank: 0 | 1 | 2;
  code: string | undefined;
  type: string | undefined;
}

export function rankOf(text: string, name: string, key: string): Sentence['rank'] | undefined {
  const speaking = key === '' || isSpeaking(name);
  if (isProse(text)) return speaking ? 2 : isNaming(name) ? undefined : 1;
  return speaking && name !== 'reason' ? 0 : undefined;
}

/** All sentences in one, outermost first; where that is long, innermost first. What another one says already is left out. */
export function joined(said: readonly Sentence[]): string | undefined {
  const texts = said.map(({ text, place }) =>
    place === undefined || mentions(text, place) ? text : `${text} (${place})`,
  );
  const different = texts.filter(
    (text, at) =>
      !texts.some((other, place) => place !== at && other.includes(text) && (other !== text || place < at)),
  );
  if (different.length === 0) return undefined;
  const length = different.reduce((sum, text) => sum + text.length, 0);
  return (length > ROOM ? different.toReversed() : different).join('; ');
}

/** Whether the text names the place, as a word of its own. */
function mentions(text: string, place: string): boolean {
  if (place === '') return true;
  for (let at = text.indexOf(place); at >= 0; at = text.indexOf(place, at + 1)) {
    if (!/\w/.test(text.charAt(at - 1)) && !/\w/.test(text.charAt(at + place.length))) return true;
  }
  return false;
}
