import { asArray, asObject } from '../../../wire/json-value.js';
import { targetOf } from '../../../wire/json-pointer.js';
import type { JsonObject } from '../../../wire/json-value.js';

/** A schema as the grammar of Claude's structured outputs takes it. */
export interface ClaudeSchema {
  schema: JsonObject;
  /** Whether something is only put into a description, so that the answer is to be checked. */
  isLoose: boolean;
}

/** Deeper schemas, and larger ones, are not made a grammar: the vendor bounds these too ("Schema is too complex"). */
const MAX_DEPTH = 32;
const MAX_NODES = 2_000;

/** Formats that the grammar has: https://platform.claude.com/docs/en/build-with-claude/structured-outputs and the SDK's own list. */
const FORMATS: ReadonlySet<unknown> = new Set(
  'date-time time date duration email hostname uri ipv4 ipv6 uuid'.split(' '),
);

/** Keywords that say nothing about the values. */
const SILENT: ReadonlySet<string> = new Set([
  '$schema',
  '$id',
  '$comment',
  'deprecated',
  'readOnly',
  'writeOnly',
]);

/** A map of free keys is none of these, and a node of anything neither. */
const UNSAYABLE = ['patternProperties', '$dynamicRef', '$recursiveRef', '$anchor'] as const;

const TYPES: ReadonlySet<unknown> = new Set([
  'object',
  'array',
  'string',
  'number',
  'integer',
  'boolean',
  'null',
]);

/**
 * A JSON Schema made fit for Claude's structured outputs
 * (https://platform.claude.com/docs/en/build-with-claude/structured-outputs, "JSON Schema limitations"), as the SDK's own
 * `transformJSONSchema` does it: objects are closed at every depth and in every branch, and what the grammar does not have is
 * put into the description. `without` are keywords that the deployment was found to refuse as well. Undefined where closing
 * would change the meaning or the grammar has nothing like it: maps of free keys, nodes of anything, recursion, references out
 * of the schema, several schemas at once (`allOf`, whose closed branches would exclude each other).
 */
export function toClaudeSchema(
  schema: JsonObject,
  without: ReadonlySet<string> = NONE,
): ClaudeSchema | undefined {
  try {
    const walk = new Walk(schema, without);
    return { schema: walk.node(schema, [], 0), isLoose: walk.isLoose };
  } catch (error) {
    if (error instanceof Unsayable) return undefined;
    throw error;
  }
}

const NONE: ReadonlySet<string> = new Set();

class Unsayable extends Error {}

class Walk {
  isLoose = false;
  private nodes = 0;

  constructor(
    private readonly root: JsonObject,
    private readonly without: ReadonlySet<string>,
  ) {}

  /** @param inside the references that led here */
  node(value: unknown, inside: readonly string[], depth: number): JsonObject {
    const given = asObject(value);
    if (given === undefined || depth > MAX_DEPTH || ++this.nodes > MAX_NODES) throw new Unsayable();
    if (UNSAYABLE.some((keyword) => keyword in given)) throw new Unsayable();
    const below = (schema: unknown): JsonObject => this.node(schema, inside, depth + 1);
    if (typeof given.$ref === 'string') return this.reference(given, given.$ref, inside, depth);
    const rest = { ...given };
    const out: JsonObject = {};
    for (const keyword of ['title', 'description'] as const)
      this.move(keyword, typeof rest[keyword] === 'string', rest, out);
    const kind = this.kind(rest, out, below);
    if (kind.includes('object')) this.object(rest, out, below);
    if (kind.includes('array')) this.array(rest, out, below);
    this.move('format', kind.includes('string') && FORMATS.has(rest.format), rest, out);
    return this.withDescription(rest, out);
  }

  /** The reference's own schema in its place: definitions need not come along, and recursion is found. */
  private reference(given: JsonObject, ref: string, inside: readonly string[], depth: number): JsonObject {
    if (inside.includes(ref)) throw new Unsayable();
    const { $ref: _, ...beside } = given;
    const target = this.node(targetOf(this.root, ref), [...inside, ref], depth + 1);
    const own = typeof target.description === 'string' ? target.description : undefined;
    const { description = own, ...others } = beside;
    return this.withDescription(others, {
      ...target,
      ...(typeof description === 'string' && { description }),
    });
  }

  /** Takes over what says of which kind the values are; gives the types. */
  private kind(rest: JsonObject, out: JsonObject, below: (schema: unknown) => JsonObject): unknown[] {
    const values = rest.enum;
    const isList = Array.isArray(values) && values.length > 0 && values.every(isPrimitive);
    if (
      this.move('enum', isList, rest, out) ||
      this.move('const', 'const' in rest && isPrimitive(rest.const), rest, out)
    ) {
      delete rest.type;
      return [];
    }
    for (const union of ['anyOf', 'oneOf', 'allOf'] as const) {
      if (!(union in rest)) continue;
      const branches = asArray(rest[union]);
      if (branches.length === 0 || (union === 'allOf' && branches.length > 1)) throw new Unsayable();
      if ('properties' in rest || 'items' in rest) throw new Unsayable();
      // That exactly one of them holds is checked on the answer.
      if (union === 'oneOf') this.isLoose = true;
      out.anyOf = branches.map(below);
      delete rest[union];
      delete rest.type;
      return [];
    }
    const types = Array.isArray(rest.type) ? (rest.type as unknown[]) : [rest.type ?? impliedType(rest)];
    if (types.length === 0 || !types.every((type) => TYPES.has(type))) throw new Unsayable();
    out.type = types.length === 1 ? types[0] : types;
    delete rest.type;
    return types;
  }

  private object(rest: JsonObject, out: JsonObject, below: (schema: unknown) => JsonObject): void {
    const properties = Object.entries(asObject(rest.properties) ?? {});
    const { additionalProperties: more } = rest;
    const isClosable = more === false || ((more === undefined || more === true) && properties.length > 0);
    if (!isClosable) throw new Unsayable();
    out.properties = Object.fromEntries(properties.map(([name, schema]) => [name, below(schema)]));
    out.additionalProperties = false;
    const known = asArray(rest.required).filter((name) => properties.some(([own]) => own === name));
    if (known.length < asArray(rest.required).length) throw new Unsayable();
    if (known.length > 0) out.required = [...new Set(known)];
    for (const keyword of ['properties', 'additionalProperties', 'required']) delete rest[keyword];
  }

  private array(rest: JsonObject, out: JsonObject, below: (schema: unknown) => JsonObject): void {
    out.items = below(rest.items);
    delete rest.items;
    this.move('minItems', rest.minItems === 0 || rest.minItems === 1, rest, out);
  }

  private move(keyword: string, isSayable: boolean, rest: JsonObject, out: JsonObject): boolean {
    if (!isSayable || this.without.has(keyword)) return false;
    out[keyword] = rest[keyword];
    delete rest[keyword];
    return true;
  }

  private withDescription(rest: JsonObject, out: JsonObject): JsonObject {
    const undescribed = Object.entries(rest).filter(
      ([keyword]) => !SILENT.has(keyword) && !/^(\$defs|definitions)$/.test(keyword),
    );
    if (undescribed.length === 0) return out;
    this.isLoose = true;
    const said = `{${undescribed.map(([keyword, value]) => `${keyword}: ${JSON.stringify(value)}`).join(', ')}}`;
    const description = typeof out.description === 'string' ? `${out.description}\n\n${said}` : said;
    return { ...out, description };
  }
}

function impliedType(rest: JsonObject): string | undefined {
  if ('properties' in rest) return 'object';
  return 'items' in rest ? 'array' : undefined;
}

function isPrimitive(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}
