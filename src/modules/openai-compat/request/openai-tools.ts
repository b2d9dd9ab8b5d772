import { optionProblem } from '../../ai-providers/dto/validation/option.constraints.js';
import type { ProviderOptions } from '../../ai-providers/interfaces/completion.interface.js';
import type {
  JsonFields,
  ResponseFormat,
  Tool,
  ToolChoice,
} from '../../ai-providers/interfaces/message.interface.js';
import { isObject, type FieldReader } from './field.reader.js';
import { unreadWithin } from './unread-fields.js';

const MAX_TOP_LOGPROBS = 20;

const TOOL: ReadonlySet<string> = new Set(['type', 'function']);
const FUNCTION: ReadonlySet<string> = new Set(['name', 'description', 'parameters']);
const FORMAT: ReadonlySet<string> = new Set(['type', 'json_schema']);
const SCHEMA: ReadonlySet<string> = new Set(['name', 'schema', 'strict']);

/** The functions among `tools`; undefined where there is no such field. */
export function readTools(body: FieldReader): Tool[] | undefined {
  return body.list('tools')?.flatMap((tool, index) => {
    if (isOtherTool(tool)) return [];
    return readTool(tool) ?? body.refuse(`tools.${index}`, 'must be a function') ?? [];
  });
}

/** The older form of tools. */
export function readFunctions(body: FieldReader): Tool[] | undefined {
  return body
    .list('functions')
    ?.flatMap(
      (one, index) =>
        readTool({ function: one }) ?? body.refuse(`functions.${index}`, 'must be a function') ?? [],
    );
}

/** Tools that are no functions (`custom`, a vendor's own), and a choice among them: OpenAI's dialect alone has those. */
export function readOtherTools(body: FieldReader): JsonFields {
  const tools = body.list('tools')?.filter(isOtherTool) ?? [];
  const choice = body.present('tool_choice');
  return {
    ...(tools.length > 0 && { tools }),
    ...(isObject(choice) && isOtherTool(choice) && { tool_choice: choice }),
  };
}

function isOtherTool(tool: unknown): boolean {
  return isObject(tool) && typeof tool['type'] === 'string' && tool['type'] !== 'function';
}

function readTool(tool: unknown): Tool | undefined {
  if (!isObject(tool) || !isObject(tool['function'])) return undefined;
  const { name, description, parameters } = tool['function'];
  if (typeof name !== 'string') return undefined;
  const result: Tool = {
    name,
    parameters: isObject(parameters) ? parameters : { type: 'object', properties: {} },
  };
  if (typeof description === 'string') result.description = description;
  const unread = unreadWithin(tool, TOOL, 'function', FUNCTION);
  if (unread) result.openaiFields = unread;
  return result;
}

/** `tool_choice`: a mode, or the function to call; `function_call` in the older form. */
export function readToolChoice(body: FieldReader): ToolChoice | undefined {
  const choice = body.present('tool_choice') ?? body.present('function_call');
  if (choice === undefined || choice === 'auto' || choice === 'none' || choice === 'required') return choice;
  if (isObject(choice) && isOtherTool(choice)) return undefined;
  const named = isObject(choice) ? (isObject(choice['function']) ? choice['function'] : choice) : {};
  const { name } = named;
  return typeof name === 'string'
    ? { name }
    : body.refuse('tool_choice', 'must be auto, none, required or a function');
}

/** `logprobs`, and how many alternatives `top_logprobs` asks for. */
export function readLogprobs(body: FieldReader): boolean | number | undefined {
  const alternatives = body.integer('top_logprobs', 0, MAX_TOP_LOGPROBS);
  const isAsked = body.boolean('logprobs');
  return isAsked === true && alternatives !== undefined ? alternatives : isAsked;
}

/** Ours: fields by vendor, that go to it as they are. */
export function readProviderOptions(body: FieldReader): ProviderOptions | undefined {
  const options = body.object('providerOptions');
  const wrong = options && optionProblem(options);
  return wrong ? body.refuse(`providerOptions${wrong.path}`, wrong.problem) : options;
}

/** `response_format`: text, JSON, or JSON of a schema. */
export function readResponseFormat(body: FieldReader): ResponseFormat | undefined {
  const format = body.object('response_format');
  if (format === undefined) return undefined;
  switch (format['type']) {
    case undefined:
      return body.refuse('response_format.type', 'must be given');
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json' };
    case 'json_schema':
      return readSchema(format, body);
    default:
      return body.refuse('response_format.type', 'must be text, json_object or json_schema');
  }
}

function readSchema(format: JsonFields, body: FieldReader): ResponseFormat | undefined {
  const value = format['json_schema'];
  if (!isObject(value) || !isObject(value['schema'])) {
    return body.refuse('response_format.json_schema', 'must hold a schema');
  }
  const result: ResponseFormat = { type: 'json_schema', schema: value['schema'] };
  if (typeof value['name'] === 'string') result.name = value['name'];
  if (typeof value['strict'] === 'boolean') result.strict = value['strict'];
  const unread = unreadWithin(format, FORMAT, 'json_schema', SCHEMA);
  if (unread) result.openaiFields = unread;
  return result;
}
