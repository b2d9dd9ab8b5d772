import { FunctionCallingMode } from '@google/generative-ai';
import type {
  FunctionDeclaration,
  GenerateContentRequest,
  GenerationConfig,
  ResponseSchema,
  ToolConfig,
} from '@google/generative-ai';
import { NOTHING_REFUSED } from '../../../dialects/fit.js';
import type { Refused } from '../../../dialects/fit.js';
import { fitGemini } from '../../../dialects/gemini/gemini.options.js';
import type { GeminiOptions } from '../../../dialects/gemini/gemini.options.js';
import type { ProviderCall } from '../../../interfaces/ai-adapter.interface.js';
import type { JsonFields, ResponseFormat, Tool, ToolChoice } from '../../../interfaces/message.interface.js';
import { asObject } from '../../wire/json-value.js';
import { toContents } from './content.js';
import { asGeminiSchema, parametersOf } from './schema/schema-way.js';
import type { SchemaWay } from './schema/schema-way.js';

/** What the API has beyond the SDK's types. */
interface GeminiGenerationConfig extends Omit<GenerationConfig, keyof GeminiOptions>, GeminiOptions {
  /** JSON Schema itself, in place of `responseSchema`. */
  responseJsonSchema?: Record<string, unknown>;
}

/** Body of `generateContent` and `streamGenerateContent`, and the model that goes into their path. */
export interface GeminiRequest {
  model: string;
  body: GenerateContentRequest & { generationConfig: GeminiGenerationConfig };
}

/** What the service itself decides, whatever a caller writes beside its words. */
const OWN_FIELDS: readonly string[] = ['model', 'contents'];

/** Gemini's form of a call: https://ai.google.dev/api/generate-content. What of its options goes there, `fitGemini` says. */
export function toRequest(
  call: ProviderCall,
  refused: Refused = NOTHING_REFUSED,
  way: SchemaWay = 'auto',
): GeminiRequest {
  const contents = toContents(call.messages, call.model);
  const system = call.system || undefined;
  // The API wants at least one turn: an instruction alone becomes the user's.
  const asTurn = contents.length === 0 && system !== undefined;
  const { options } = fitGemini(call, refused);
  const body = {
    contents: asTurn ? [{ role: 'user', parts: [{ text: system }] }] : contents,
    ...(system !== undefined &&
      !asTurn && { systemInstruction: { role: 'system', parts: [{ text: system }] } }),
    generationConfig: { ...options, ...formatOf(call.responseFormat, way) },
    ...toolsOf(call, way),
  };
  const own = call.providerOptions?.google;
  return { model: call.model, body: own === undefined ? body : withOwn(body, own) };
}

/** What a caller sets within `generationConfig` stands beside what we set there. */
function withOwn(body: GeminiRequest['body'], own: JsonFields): GeminiRequest['body'] {
  const fields = Object.fromEntries(Object.entries(own).filter(([name]) => !OWN_FIELDS.includes(name)));
  const config = asObject(own['generationConfig']);
  return {
    ...body,
    ...fields,
    generationConfig: config ? { ...body.generationConfig, ...config } : body.generationConfig,
  };
}

/** https://ai.google.dev/gemini-api/docs/structured-output */
function formatOf(format: ResponseFormat | undefined, way: SchemaWay): GeminiGenerationConfig {
  if (format === undefined || format.type === 'text') return {};
  const json = { responseMimeType: 'application/json' };
  if (format.type === 'json') return json;
  const schema = asGeminiSchema(format.schema, way);
  // The SDK's type knows single-typed schemas only.
  return schema
    ? { ...json, responseSchema: schema as unknown as ResponseSchema }
    : { ...json, responseJsonSchema: format.schema };
}

function toolsOf(
  { tools = [], toolChoice }: ProviderCall,
  way: SchemaWay,
): Pick<GenerateContentRequest, 'tools' | 'toolConfig'> {
  if (tools.length === 0) return {};
  return {
    tools: [{ functionDeclarations: tools.map((tool) => toDeclaration(tool, way)) }],
    ...(toolChoice !== undefined && { toolConfig: toToolConfig(toolChoice) }),
  };
}

/** https://ai.google.dev/gemini-api/docs/function-calling */
function toDeclaration(tool: Tool, way: SchemaWay): FunctionDeclaration {
  const { name, description } = tool;
  return { name, ...(description && { description }), ...parametersOf(tool, way) };
}

function toToolConfig(choice: ToolChoice): ToolConfig {
  switch (choice) {
    case 'auto':
      return { functionCallingConfig: { mode: FunctionCallingMode.AUTO } };
    case 'none':
      return { functionCallingConfig: { mode: FunctionCallingMode.NONE } };
    case 'required':
      return { functionCallingConfig: { mode: FunctionCallingMode.ANY } };
    default:
      return {
        functionCallingConfig: { mode: FunctionCallingMode.ANY, allowedFunctionNames: [choice.name] },
      };
  }
}
