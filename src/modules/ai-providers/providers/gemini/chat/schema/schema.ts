import { asObject } from '../../../wire/json-value.js';
import type { JsonObject } from '../../../wire/json-value.js';
import { ANNOTATIONS, BY_TYPE, SILENT } from './schema-keywords.js';
import { SchemaNode } from './schema-node.js';

/**
 * `exact`: undefined where a schema cannot be said without loss. `described`: what cannot be said is put into the description,
 * and only what has no meaning without it (a reference, a schema that is no object) is undefined.
 */
export type Loss = 'exact' | 'described';

type Convert = (below: unknown) => JsonObject | undefined;

/** Deeper schemas are not looked at: they go as JSON Schema. */
const MAX_DEPTH = 48;

/**
 * A JSON Schema as Gemini's `Schema` (https://ai.google.dev/api/caching#Schema), a part of OpenAPI's that refuses every keyword
 * it does not know. A node is taken only where it is complete (a type; items of an array; properties of an object), agrees
 * with itself, and holds nothing but what is documented, values included; everything else makes the whole undefined. Tidied is
 * where nothing is lost: annotations, `null` in types and lists of values (`nullable`), an empty text among other values
 * ("cannot be empty"), values of other types than the node's, `additionalProperties` as true or false, for a call never holds
 * more than the declared properties.
 */
export function toGeminiSchema(schema: JsonObject, loss: Loss = 'exact', depth = 0): JsonObject | undefined {
  if (depth > MAX_DEPTH || '$ref' in schema) return undefined;
  const convert: Convert = (below) => {
    const node = asObject(below);
    return node && toGeminiSchema(node, loss, depth + 1);
  };
  const mayLose = loss === 'described';
  if (Array.isArray(schema.anyOf)) return unionOf(schema, schema.anyOf, convert, mayLose);
  const kind = kindOf(schema);
  return kind && new SchemaNode(schema, kind.type, mayLose, convert).converted(kind.nullable);
}

/** The one type of a node, as stated or as plain from its values, and whether it may be null. */
function kindOf(schema: JsonObject): { type: string; nullable: boolean } | undefined {
  const { type, nullable } = schema;
  const types = Array.isArray(type) ? type : type === undefined ? impliedTypes(schema) : [type];
  const named = types.map((one) => (typeof one === 'string' ? one.toLowerCase() : ''));
  const [only, ...others] = named.filter((one) => one !== 'null');
  if (only === undefined || others.length > 0 || !BY_TYPE.has(only)) return undefined;
  return { type: only, nullable: named.includes('null') || nullable === true };
}

function impliedTypes({ enum: values, const: value }: JsonObject): unknown[] {
  const held = Array.isArray(values) ? (values as unknown[]) : value === undefined ? [] : [value];
  return [...new Set(held.map((one) => (one === null ? 'null' : typeof one)))];
}

/** A union with null is the other one, nullable; any other must stand alone ("it must be the only field set"). */
function unionOf(
  schema: JsonObject,
  branches: unknown[],
  convert: Convert,
  mayLose: boolean,
): JsonObject | undefined {
  const beside = Object.keys(schema).filter((keyword) => keyword !== 'anyOf' && !SILENT.has(keyword));
  if (!beside.every((keyword) => ANNOTATIONS.get(keyword)?.(schema[keyword]))) return undefined;
  const annotations = Object.fromEntries(beside.map((keyword) => [keyword, schema[keyword]]));
  const others = branches.filter((branch) => !isNull(branch));
  const nullable = others.length < branches.length;
  const converted = others.map(convert);
  const [first] = converted;
  if (first === undefined || !isWhole(converted)) return undefined;
  if (converted.length === 1 && nullable) {
    const isClear = beside.every((keyword) => !Object.hasOwn(first, keyword));
    return isClear || mayLose ? { ...first, ...annotations, nullable } : undefined;
  }
  if (beside.length === 0 && !nullable) return { anyOf: converted };
  return mayLose ? { anyOf: converted, ...annotations, ...(nullable && { nullable }) } : undefined;
}

function isNull(branch: unknown): boolean {
  const node = asObject(branch);
  return node?.type === 'null' && Object.keys(node).length === 1;
}

function isWhole(schemas: (JsonObject | undefined)[]): schemas is JsonObject[] {
  return !schemas.includes(undefined);
}
