/**
 * More tokens than any request can hold: the largest context window that a vendor offers has 10,000,000 (Llama 4 Scout,
 * https://ai.meta.com/blog/llama-4-multimodal-intelligence/).
 */
const MOST_TOKENS = 20_000_000;

/** Whether a vendor's number can be a count of a request's tokens. What cannot is not known, and never money. */
export function isPlausible(count: unknown): count is number {
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= MOST_TOKENS;
}

/** A count as sums take it: what is not known adds nothing. */
export function countOf(count: unknown): number {
  return isPlausible(count) ? count : 0;
}
