import type { ProviderCall } from '../interfaces/ai-adapter.interface.js';
import type { CompletionWarning } from '../interfaces/completion.interface.js';
import { fitAnthropic } from './anthropic/anthropic.options.js';
import { NOTHING_REFUSED } from './fit.js';
import type { DialectTarget, Refused } from './fit.js';
import { fitGemini } from './gemini/gemini.options.js';
import { turnWarnings } from './turn-warnings.js';
import { fitOpenAI } from './openai/openai.options.js';

/** What of the call its vendor does not get as the caller asked, or has refused: the same that its converter sends. */
export function warningsOf(
  target: DialectTarget,
  call: ProviderCall,
  refused: Refused = NOTHING_REFUSED,
): readonly CompletionWarning[] {
  const ofOptions = optionWarnings(target, call, refused);
  const ofTurns = turnWarnings(target, call, refused);
  return ofTurns.length === 0 ? ofOptions : [...ofOptions, ...ofTurns];
}

function optionWarnings(
  target: DialectTarget,
  call: ProviderCall,
  refused: Refused,
): readonly CompletionWarning[] {
  switch (target.type) {
    case 'OPENAI':
    case 'CUSTOM':
      return fitOpenAI(call, target, refused).warnings;
    case 'ANTHROPIC':
      return fitAnthropic(call, refused).warnings;
    case 'GOOGLE':
      return fitGemini(call, refused).warnings;
  }
}
