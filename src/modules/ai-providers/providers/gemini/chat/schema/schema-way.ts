import type { ProviderError } from '../../../../errors/provider.error.js';
import type { ProviderCall } from '../../../../interfaces/ai-adapter.interface.js';
import type { Tool } from '../../../../interfaces/message.interface.js';
import { asObject } from '../../../wire/json-value.js';
import type { JsonObject } from '../../../wire/json-value.js';
import { ANNOTATIONS, SILENT } from './schema-keywords.js';
import { toGeminiSchema } from './schema.js';

/**
 * How schemas go to a model: `auto` as Gemini's `Schema` where nothing is lost by it, else as JSON Schema; `json` all as JSON
 * Schema; `schema` all as Gemini's, what it has no word for put into the descriptions.
 */
export type SchemaWay = 'auto' | 'json' | 'schema';

/** What a schema's refusal speaks of, whichever of the fields held it. */
const SCHEMA_REFUSED = /schema|\bparameters\b|function_?declarations/i;

/** The schema as Gemini's own; undefined where it goes as JSON Schema. */
export function asGeminiSchema(schema: JsonObject, way: SchemaWay): JsonObject | undefined {
  return way === 'json' ? undefined : toGeminiSchema(schema, way === 'schema' ? 'described' : 'exact');
}

/**
 * The fields of a declaration that hold its parameters (https://ai.google.dev/api/caching#FunctionDeclaration). Arguments
 * are always an object, so a schema need not say it. None for a tool that has none: an object without properties is refused.
 */
export function parametersOf({ parameters }: Tool, way: SchemaWay): JsonObject {
  if (hasNoParameters(parameters)) return {};
  const isPlain = !('type' in parameters || '$ref' in parameters);
  const schema = isPlain ? { type: 'object', ...parameters } : parameters;
  const own = asGeminiSchema(schema, way);
  return own?.type === 'object' ? { parameters: own } : { parametersJsonSchema: schema };
}

function hasNoParameters(schema: JsonObject): boolean {
  return Object.entries(schema).every(([keyword, value]) => {
    if (keyword === 'type') return value === 'object';
    if (keyword === 'additionalProperties') return value === false;
    if (keyword === 'required') return Array.isArray(value) && value.length === 0;
    if (keyword === 'properties') return Object.keys(asObject(value) ?? {}).length === 0;
    return SILENT.has(keyword) || ANNOTATIONS.has(keyword);
  });
}

/** Which way each model takes schemas, as learnt from its refusals. */
export class SchemaWays {
  private readonly ofModel = new Map<string, SchemaWay>();
  /** Calls that go the other way already, and the way before. */
  private readonly switched = new WeakMap<ProviderCall, SchemaWay>();

  of(model: string): SchemaWay {
    return this.ofModel.get(model) ?? 'auto';
  }

  /** Whether the call is to be sent once more, by the other way; a call whose both ways are refused teaches nothing. */
  learn({ fault, message }: ProviderError, call: ProviderCall): boolean {
    if (fault !== 'invalid_request' || !SCHEMA_REFUSED.test(message) || schemasOf(call).length === 0)
      return false;
    const before = this.switched.get(call);
    const way = this.of(call.model);
    this.ofModel.set(call.model, before ?? otherWay(way, call));
    this.switched.set(call, way);
    return before === undefined;
  }
}

function otherWay(way: SchemaWay, call: ProviderCall): SchemaWay {
  if (way !== 'auto') return way === 'json' ? 'schema' : 'json';
  return schemasOf(call).some((schema) => asGeminiSchema(schema, way)) ? 'json' : 'schema';
}

function schemasOf({ tools = [], responseFormat }: ProviderCall): JsonObject[] {
  const schemas: JsonObject[] = tools.map(({ parameters }) => ({ type: 'object', ...parameters }));
  if (responseFormat?.type === 'json_schema') schemas.push(responseFormat.schema);
  return schemas;
}
