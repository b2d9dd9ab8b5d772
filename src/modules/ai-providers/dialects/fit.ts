import type { ProviderCall, Refused } from '../interfaces/ai-adapter.interface.js';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { CompletionWarning, SamplingOptions } from '../interfaces/completion.interface.js';

/** Of a provider what its dialect goes by. */
export type DialectTarget = Pick<AIProviderConfig, 'type' | 'endpoint'>;

export type { Refused };

export const NOTHING_REFUSED: Refused = new Map();

/** The list of nearly every answer: shared by all, and frozen. */
export const NO_WARNINGS: readonly CompletionWarning[] = Object.freeze([]);

/** What goes to the vendor of a call's options, and what of it is not as the caller asked. */
export interface Fit<Options> {
  readonly options: Options;
  readonly warnings: readonly CompletionWarning[];
}

/** Gathers what of a call its vendor does not get as asked. */
export class WarningList {
  private list: CompletionWarning[] | undefined;

  get all(): readonly CompletionWarning[] {
    return this.list ?? NO_WARNINGS;
  }

  ignored(field: string, detail: string): void {
    (this.list ??= []).push({ field, action: 'ignored', detail });
  }

  narrowed(field: string, detail: string): void {
    (this.list ??= []).push({ field, action: 'narrowed', detail });
  }
}

/** Whether the value of a field is the operator's default, or none is there. */
export function isDefault(call: ProviderCall, field: keyof SamplingOptions): boolean {
  return call.asked !== undefined && call.asked[field] === undefined;
}

/** The value as far as it is to be sent: a default that this deployment refused is not. */
export function wanted<Field extends keyof SamplingOptions>(
  call: ProviderCall,
  field: Field,
  refused: Refused,
  wireName: string,
): ProviderCall[Field] {
  if (refused.size > 0 && refused.has(wireName) && isDefault(call, field)) return undefined;
  return call[field];
}
