import type { FieldProblem } from '../interfaces/field-problem.interface.js';
import { AIError } from './ai.error.js';

/** Problems that an answer names at most; who looks for them stops then. */
export const MAX_PROBLEMS = 20;

/** Characters of a caller's text that an error repeats at most. */
const MAX_QUOTED = 100;

/** A caller's text as an error may repeat it: its first 100 characters, without control characters. */
export function quoted(text: string): string {
  const shown =
    text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED).replace(/[\uD800-\uDBFF]$/, '')}…` : text;
  return shown.replace(/\p{Cc}/gu, '\uFFFD');
}

/** A problem by its sentence, which begins with the field's path. */
export function fieldProblem(message: string): FieldProblem {
  return { field: message.split(' ', 1)[0] ?? '', message };
}

/** A `VALIDATION_FAILED` that names these problems. */
export function validationFailed(problems: readonly FieldProblem[]): AIError {
  const message = problems.map((problem) => problem.message).join('; ');
  return new AIError('VALIDATION_FAILED', message, { problems });
}

/** Gathers problems until there are as many as an answer names. */
export class ProblemList {
  readonly found: FieldProblem[] = [];

  get isFull(): boolean {
    return this.found.length >= MAX_PROBLEMS;
  }

  add(field: string, message: string): void {
    if (!this.isFull) this.found.push({ field, message });
  }
}
