import { z } from 'zod';
import { optionProblem } from '../../ai-providers/dto/validation/option.constraints.js';
import type { ProviderOptions } from '../../ai-providers/interfaces/completion.interface.js';
import type {
  JsonFields,
  ResponseFormat,
  Tool,
  ToolChoice,
} from '../../ai-providers/interfaces/message.interface.js';
import { chosen, isObject, jsonObject, lenient, list, whole } from './openai-schema.js';
import { unreadWithin } from './unread-fields.js';

const TOOL: ReadonlySet<string> = new Set(['type', 'function']);
const FUNCTION: ReadonlySet<string> = new Set(['name', 'description', 'parameters']);
const FORMAT: ReadonlySet<string> = new Set(['type', 'json_schema']);
const SCHEMA: ReadonlySet<string> = new Set(['name', 'schema', 'strict']);

const NO_PARAMETERS = { type: 'object', properties: {} };

const functionTool = z
  .looseObject({
    function: z.looseObject({
      name: z.string(),
      description: lenient(z.string()),
      parameters: lenient(jsonObject),
    }),
  })
  .transform((tool): Tool => {
    const { name, description, parameters = NO_PARAMETERS } = tool.function;
    const read: Tool = description === undefined ? { name, parameters } : { name, description, parameters };
    const unread = unreadWithin(tool, TOOL, 'function', FUNCTION);
    return unread === undefined ? read : { ...read, openaiFields: unread };
  });

const anyFunction = whole(functionTool, 'must be a function');
const otherTool = jsonObject.transform(() => undefined);

/** `tools`, those that are functions: the others are left to `otherTools`. */
export const tools = list(
  chosen<Tool | undefined>((tool) => (isOtherTool(tool) ? otherTool : anyFunction)),
).transform((given) => given.filter((tool) => tool !== undefined));

/** `functions`, the older form of tools. */
export const functions = list(
  whole(
    z
      .unknown()
      .transform((one) => ({ function: one }))
      .pipe(functionTool),
    'must be a function',
  ),
);

/** Tools that are no functions (`custom`, a vendor's own), and a choice among them: OpenAI's dialect alone has those. */
export function otherTools({ tools: given, tool_choice: choice }: JsonFields): JsonFields {
  const others = Array.isArray(given) ? given.filter(isOtherTool) : [];
  return {
    ...(others.length > 0 && { tools: others }),
    ...(isOtherTool(choice) && { tool_choice: choice }),
  };
}

function isOtherTool(tool: unknown): boolean {
  return isObject(tool) && typeof tool['type'] === 'string' && tool['type'] !== 'function';
}

const named = z.object({ name: z.string() });

/** `tool_choice`: a mode, or the function to call; `function_call` in the older form. */
export const toolChoice = whole<ToolChoice | undefined>(
  chosen<ToolChoice | undefined>((choice) => {
    if (!isObject(choice)) return mode;
    if (isOtherTool(choice)) return otherTool;
    return isObject(choice['function']) ? namedFunction : named;
  }),
  'must be auto, none, required or a function',
);

const mode = z.enum(['auto', 'none', 'required']);
const namedFunction = z.object({ function: named }).transform((choice) => choice.function);

/** Ours: fields by vendor, that go to it as they are. */
export const providerOptions = jsonObject.transform((options, context): ProviderOptions => {
  const wrong = optionProblem(options);
  if (wrong)
    context.addIssue({ code: 'custom', path: wrong.path.slice(1).split('.'), message: wrong.problem });
  return options;
});

const jsonSchema = z
  .looseObject({
    json_schema: whole(
      z.looseObject({
        schema: jsonObject,
        name: lenient(z.string()),
        strict: lenient(z.boolean()),
      }),
      'must hold a schema',
    ),
  })
  .transform((format): ResponseFormat => {
    const { schema, name, strict } = format.json_schema;
    const read: ResponseFormat = { type: 'json_schema', schema };
    if (name !== undefined) read.name = name;
    if (strict !== undefined) read.strict = strict;
    const unread = unreadWithin(format, FORMAT, 'json_schema', SCHEMA);
    return unread === undefined ? read : { ...read, openaiFields: unread };
  });

const FORMATS: ReadonlyMap<unknown, z.ZodType<ResponseFormat>> = new Map<unknown, z.ZodType<ResponseFormat>>([
  ['text', z.object({}).transform(() => ({ type: 'text' }))],
  ['json_object', z.object({}).transform(() => ({ type: 'json' }))],
  ['json_schema', jsonSchema],
]);

const noObject = z.never('must be an object');
const noFormat = z
  .object({ type: whole(z.never(), 'must be text, json_object or json_schema') })
  .pipe(z.never());
const untypedFormat = z.object({ type: whole(z.never(), 'must be given') }).pipe(z.never());

/** `response_format`: text, JSON, or JSON of a schema. */
export const responseFormat = chosen<ResponseFormat>((format) => {
  if (!isObject(format)) return noObject;
  const { type } = format;
  return FORMATS.get(type) ?? (type === undefined ? untypedFormat : noFormat);
});
