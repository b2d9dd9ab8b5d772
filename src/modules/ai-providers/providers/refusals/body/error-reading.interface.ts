import type { JsonObject } from '../../wire/json-value.js';

/** What the body of an error says, found by its form: text, list or object, at any depth, JSON within a text too. */
export interface ErrorReading {
  /**
   * The vendor's words for people, each with the place it speaks of; the body itself where it has no sentence; undefined
   * where it says nothing. Neither shortened nor free of secrets.
   */
  readonly message: string | undefined;
  /** The single sentences without their places, innermost first: an aggregator's error wraps the vendor's. */
  readonly sentences: readonly string[];
  /** Code and type that stand beside the innermost sentence which has any, else the outermost. */
  readonly code: string | undefined;
  readonly type: string | undefined;
  /** All codes, types, reasons and status words, innermost first. */
  readonly words: readonly string[];
  /** The parts of the request that it names (`param`, `loc`, `field` …), innermost first, as `stream_options.include_usage`. */
  readonly places: readonly string[];
  /** The HTTP status that the body names, outermost first. */
  readonly status: number | undefined;
  /** Every object of the body, outermost first, for what a single vendor adds. */
  readonly details: readonly JsonObject[];
  /** The title where the body is, or holds, a page of HTML, which is not words; empty where it has none. */
  readonly pageTitle: string | undefined;
}
