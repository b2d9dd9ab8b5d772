/** How much of an error body is read, in bytes. Our number: the largest real ones are a few KB. */
export const MAX_ERROR_BYTES = 64 * 1024;

export function wholeText(text: string): string | undefined {
  return ['', '{}', '[]', 'null', '""'].includes(text) ? undefined : text;
}

/** Bounded by what is read of a body; only an event of a stream may be longer. */
export function clipped(text: string): string {
  return text.length > MAX_ERROR_BYTES ? text.slice(0, MAX_ERROR_BYTES) : text;
}

/** Qwen begins its sentences with a status in brackets (`<400> InternalError…`), S3 and its kin answer in XML. */
export function isPage(text: string): boolean {
  return /^<(?:!|html|head|body|title|meta|center|div|h\d|p[\s>])/i.test(text);
}

export const XML = /^<[?a-z]/i;

export function wordsOfXml(text: string): string {
  return text
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

export function titleOf(page: string): string {
  const lower = page.toLowerCase();
  const start = lower.indexOf('>', lower.indexOf('<title'));
  const end = lower.indexOf('</title', start);
  if (!lower.includes('<title') || start < 0 || end < 0) return '';
  const title = page.slice(start + 1, end).trim();
  return title.includes('<') ? '' : title;
}
