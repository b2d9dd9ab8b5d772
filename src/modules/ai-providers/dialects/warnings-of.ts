import type { ProviderCall } from '../interfaces/ai-adapter.interface.js';
import type { CompletionWarning } from '../interfaces/completion.interface.js';
import { fitAnthropic } from './anthropic.options.js';
import { NOTHING_REFUSED } from './fit.js';
import type { DialectTarget } from './fit.js';
import { fitGemini } from './gemini.options.js';
import { turnWarnings } from './turn-warnings.js';
import { fitOpenAI } from './openai.options.js';

/** What of the call its vendor does not get as the caller asked: the same that its converter sends. */
export function warningsOf(target: DialectTarget, call: ProviderCall): readonly CompletionWarning[] {
  const ofOptions = optionWarnings(target, call);
  const ofTurns = turnWarnings(target, call);
  return ofTurns.length === 0 ? ofOptions : [...ofOptions, ...ofTurns];
}

function optionWarnings(target: DialectTarget, call: ProviderCall): readonly CompletionWarning[] {
  switch (target.type) {
    case 'OPENAI':
    case 'CUSTOM':
      return fitOpenAI(call, target, NOTHING_REFUSED).warnings;
    case 'ANTHROPIC':
      return fitAnthropic(call, NOTHING_REFUSED).warnings;
    case 'GOOGLE':
      return fitGemini(call, NOTHING_REFUSED).warnings;
  }
}
