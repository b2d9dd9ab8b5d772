import { FunctionCallingMode } from '@google/generative-ai';
import type {
  FunctionDeclaration,
  GenerateContentRequest,
  GenerationConfig,
  ResponseSchema,
  ToolConfig,
} from '@google/generative-ai';
import type { ProviderCall } from '../../interfaces/ai-adapter.interface.js';
import type { ResponseFormat, Tool, ToolChoice } from '../../interfaces/message.interface.js';
import { toContents } from './content.js';
import { asGeminiSchema, parametersOf } from './schema-way.js';
import type { SchemaWay } from './schema-way.js';

/** What the API has beyond the SDK's types. */
interface GeminiGenerationConfig extends GenerationConfig {
  seed?: number;
  /** JSON Schema itself, in place of `responseSchema`. */
  responseJsonSchema?: Record<string, unknown>;
}

/** Body of `generateContent` and `streamGenerateContent`, and the model that goes into their path. */
export interface GeminiRequest {
  model: string;
  body: GenerateContentRequest & { generationConfig: GeminiGenerationConfig };
}

/** "The set of character sequences (up to 5)": https://ai.google.dev/api/generate-content#generationconfig */
const MAX_STOP_SEQUENCES = 5;

/** "Up to, but not including, 2.0. Its minimum value is -2.0": Google's reference of GenerationConfig. */
const MAX_PENALTY = 1.99;

/**
 * Gemini's form of a call: https://ai.google.dev/api/generate-content. Left out, for it has none: `user`; the penalties
 * where the model is known to refuse them (`Penalty is not enabled for …`, Gemini 2.5 and later).
 */
export function toRequest(call: ProviderCall, withPenalties = true, way: SchemaWay = 'auto'): GeminiRequest {
  const contents = toContents(call.messages, call.model);
  const system = call.system || undefined;
  // The API wants at least one turn: an instruction alone becomes the user's.
  const asTurn = contents.length === 0 && system !== undefined;
  return {
    model: call.model,
    body: {
      contents: asTurn ? [{ role: 'user', parts: [{ text: system }] }] : contents,
      ...(system !== undefined &&
        !asTurn && { systemInstruction: { role: 'system', parts: [{ text: system }] } }),
      generationConfig: { ...sampling(call, withPenalties), ...formatOf(call.responseFormat, way) },
      ...toolsOf(call, way),
    },
  };
}

/** The request without its penalties; undefined where it has none. */
export function withoutPenalties({ model, body }: GeminiRequest): GeminiRequest | undefined {
  const { presencePenalty, frequencyPenalty, ...generationConfig } = body.generationConfig;
  if (presencePenalty === undefined && frequencyPenalty === undefined) return undefined;
  return { model, body: { ...body, generationConfig } };
}

function sampling(call: ProviderCall, withPenalties: boolean): GeminiGenerationConfig {
  const stops = call.stopSequences?.filter((sequence) => sequence !== '').slice(0, MAX_STOP_SEQUENCES) ?? [];
  const { presencePenalty, frequencyPenalty } = withPenalties ? call : {};
  return {
    ...(call.maxTokens !== undefined && { maxOutputTokens: call.maxTokens }),
    ...(call.temperature !== undefined && { temperature: clamp(call.temperature, 0, 2) }),
    ...(call.topP !== undefined && { topP: call.topP }),
    ...(call.topK !== undefined && { topK: call.topK }),
    ...(stops.length > 0 && { stopSequences: stops }),
    ...(presencePenalty !== undefined && { presencePenalty: clamp(presencePenalty, -2, MAX_PENALTY) }),
    ...(frequencyPenalty !== undefined && { frequencyPenalty: clamp(frequencyPenalty, -2, MAX_PENALTY) }),
    ...(call.seed !== undefined && { seed: call.seed }),
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

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
