/** What is wrong with one field of a request. */
export interface FieldProblem {
  /** Its path, such as `pricing.currency` or `messages.1.content`; `body` for the body as a whole. */
  field: string;
  /** Readable by itself: it begins with the path. */
  message: string;
}
