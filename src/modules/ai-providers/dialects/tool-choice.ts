import type { AskedOptions } from '../interfaces/completion.interface.js';

type ToolFields = Pick<AskedOptions, 'tools' | 'toolChoice' | 'openaiFields'>;

/** Whether a tool is forced though there is none: no vendor takes that, and without the choice something else would be asked. */
export function forcesNoTool({ tools, toolChoice, openaiFields }: ToolFields): boolean {
  if (toolChoice === undefined || toolChoice === 'auto' || toolChoice === 'none') return false;
  return !tools?.length && openaiFields?.['tools'] === undefined;
}

/** Whether the model is to call a tool, or one tool, whatever it would do by itself. */
export function isToolForced({ tools, toolChoice }: Pick<ToolFields, 'tools' | 'toolChoice'>): boolean {
  if (tools === undefined || tools.length === 0) return false;
  return toolChoice !== undefined && toolChoice !== 'auto' && toolChoice !== 'none';
}
