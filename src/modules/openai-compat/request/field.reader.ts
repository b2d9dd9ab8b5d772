import { ProblemList, validationFailed } from '../../ai-providers/errors/field-problem.js';

type Fields = Record<string, unknown>;

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Characters of a name, and items of a list, where the reader of a field says nothing else: as in our own API. */
const MAX_NAME = 200;
const MAX_ITEMS = 128;

/**
 * Reads the fields of a JSON body and gathers what is wrong with them, until there is as much as an answer names: then it
 * throws. A field that is null counts as left out, as in OpenAI's API; an unknown field is ignored, since its clients
 * send many. A reader made of zod's schemas, measured alone in 20 interleaved rounds, takes 40 µs of CPU for a plain request
 * in place of 4 (dearer in 19), and 1,002 µs for 100 turns in place of 24 (dearer in 20).
 */
export class FieldReader {
  private readonly problems = new ProblemList();

  constructor(private readonly fields: Fields) {}

  number(name: string, min: number, max: number): number | undefined {
    const value = this.present(name);
    if (value === undefined || (typeof value === 'number' && value >= min && value <= max)) return value;
    return this.refuse(name, `must be a number from ${min} to ${max}`);
  }

  integer(name: string, min: number, max: number): number | undefined {
    const value = this.number(name, min, max);
    return value === undefined || Number.isInteger(value)
      ? value
      : this.refuse(name, 'must be a whole number');
  }

  boolean(name: string): boolean | undefined {
    const value = this.present(name);
    return value === undefined || typeof value === 'boolean'
      ? value
      : this.refuse(name, 'must be true or false');
  }

  text(name: string, maxLength = MAX_NAME): string | undefined {
    const value = this.present(name);
    if (value === undefined || isTextUpTo(maxLength)(value)) return value;
    return this.refuse(name, `must be a string of at most ${maxLength} characters`);
  }

  texts(name: string, maxItems = 16, maxLength = MAX_NAME): string[] | undefined {
    const value = this.list(name, maxItems);
    if (value === undefined || value.every(isTextUpTo(maxLength))) return value;
    return this.refuse(name, `must be an array of strings of at most ${maxLength} characters`);
  }

  object(name: string): Fields | undefined {
    const value = this.present(name);
    return value === undefined || isObject(value) ? value : this.refuse(name, 'must be an object');
  }

  list(name: string, maxItems = MAX_ITEMS): unknown[] | undefined {
    const value = this.present(name);
    if (value === undefined || (Array.isArray(value) && value.length <= maxItems)) return value;
    return this.refuse(name, `must be an array of at most ${maxItems} items`);
  }

  /** The value as it stands; undefined where it is left out or null. */
  present(name: string): unknown {
    return Object.hasOwn(this.fields, name) ? (this.fields[name] ?? undefined) : undefined;
  }

  /** @throws AIError `VALIDATION_FAILED` once there is as much wrong as an answer names */
  refuse(name: string, problem: string): undefined {
    this.problems.add(name, `${name} ${problem}`);
    if (this.problems.isFull) this.assertNoProblems();
    return undefined;
  }

  /** @throws AIError `VALIDATION_FAILED` naming the fields at fault */
  assertNoProblems(): void {
    if (this.problems.found.length > 0) throw validationFailed(this.problems.found);
  }
}

function isTextUpTo(maxLength: number): (value: unknown) => value is string {
  return (value): value is string => typeof value === 'string' && value.length <= maxLength;
}
