import type { AskedOptions } from '../interfaces/completion.interface.js';

/** Whether the model is to call a tool, or one tool, whatever it would do by itself. */
export function isToolForced({ tools, toolChoice }: Pick<AskedOptions, 'tools' | 'toolChoice'>): boolean {
  if (tools === undefined || tools.length === 0) return false;
  return toolChoice !== undefined && toolChoice !== 'auto' && toolChoice !== 'none';
}
