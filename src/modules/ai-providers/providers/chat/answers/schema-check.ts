import { asArray, asObject } from '../../wire/json-value.js';
import type { JsonObject } from '../../wire/json-value.js';
import { targetOf } from '../../wire/json-pointer.js';

/** How many steps a check may take: callers write the schemas, and some of these take exponential time (references in branches). */
const MAX_STEPS = 50_000;
const MAX_DEPTH = 200;
/** Texts and expressions that are matched: without groups, and of few repetitions, an expression takes bounded time on these. */
const MATCHED_CHARS = 1_000;

/**
 * Whether a value is what a JSON Schema says, as far as that can be checked in bounded time: a check that takes too long, and
 * keywords that are not known, count as met. No library bounds its time, and a schema of a kilobyte can keep one busy for
 * hours.
 */
export function meetsSchema(value: unknown, schema: JsonObject): boolean {
  const check = new SchemaCheck(schema);
  return check.meets(value, schema, 0) || check.isOut;
}

class SchemaCheck {
  private steps = 0;

  constructor(private readonly root: JsonObject) {}

  get isOut(): boolean {
    return this.steps > MAX_STEPS;
  }

  meets(value: unknown, given: unknown, depth: number): boolean {
    if (typeof given === 'boolean') return given;
    const schema = asObject(given);
    if (schema === undefined || depth > MAX_DEPTH || ++this.steps > MAX_STEPS) return true;
    const below = (inner: unknown, by: unknown): boolean => this.meets(inner, by, depth + 1);
    if (typeof schema.$ref === 'string') {
      const target = targetOf(this.root, schema.$ref);
      if (target !== undefined && !below(value, target)) return false;
    }
    return (
      isOfType(value, schema.type) &&
      this.isListed(value, schema) &&
      this.meetsBranches(value, schema, below) &&
      this.meetsOwn(value, schema, below)
    );
  }

  private isListed(value: unknown, schema: JsonObject): boolean {
    if ('const' in schema && !this.same(value, schema.const)) return false;
    return !Array.isArray(schema.enum) || schema.enum.some((one) => this.same(value, one));
  }

  private same(a: unknown, b: unknown): boolean {
    if (a === b) return true;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
    this.steps += 100;
    return this.isOut || canonical(a) === canonical(b);
  }

  private meetsBranches(value: unknown, schema: JsonObject, below: Below): boolean {
    const { anyOf, oneOf, allOf, not } = schema;
    if (Array.isArray(allOf) && !allOf.every((branch) => below(value, branch))) return false;
    if (Array.isArray(anyOf) && !anyOf.some((branch) => below(value, branch))) return false;
    if (Array.isArray(oneOf) && oneOf.filter((branch) => below(value, branch)).length !== 1) return false;
    return not === undefined || !below(value, not);
  }

  private meetsOwn(value: unknown, schema: JsonObject, below: Below): boolean {
    if (typeof value === 'string') return meetsText(value, schema);
    if (typeof value === 'number') return meetsNumber(value, schema);
    if (Array.isArray(value)) return this.meetsArray(value, schema, below);
    const fields = asObject(value);
    return fields === undefined || this.meetsObject(fields, schema, below);
  }

  private meetsArray(items: unknown[], schema: JsonObject, below: Below): boolean {
    if (!isWithin(items.length, schema.minItems, schema.maxItems)) return false;
    const isUnique = schema.uniqueItems !== true || new Set(items.map(canonical)).size === items.length;
    const tuple = Array.isArray(schema.items) ? schema.items : asArray(schema.prefixItems);
    const others = Array.isArray(schema.items) ? schema.additionalItems : schema.items;
    return (
      isUnique &&
      items.every((item, index) => below(item, index < tuple.length ? tuple[index] : (others ?? true)))
    );
  }

  private meetsObject(fields: JsonObject, schema: JsonObject, below: Below): boolean {
    const names = Object.keys(fields);
    if (!isWithin(names.length, schema.minProperties, schema.maxProperties)) return false;
    if (!asArray(schema.required).every((name) => typeof name !== 'string' || Object.hasOwn(fields, name)))
      return false;
    const properties = asObject(schema.properties) ?? {};
    const others = 'patternProperties' in schema ? true : (schema.additionalProperties ?? true);
    return names.every((name) =>
      below(fields[name], Object.hasOwn(properties, name) ? properties[name] : others),
    );
  }
}

type Below = (value: unknown, schema: unknown) => boolean;

function isOfType(value: unknown, type: unknown): boolean {
  if (Array.isArray(type)) return type.some((one) => isOfType(value, one));
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return asObject(value) !== undefined;
    case 'integer':
      return Number.isInteger(value);
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type;
    default:
      return true;
  }
}

function meetsText(text: string, { minLength, maxLength, pattern }: JsonObject): boolean {
  if ((minLength ?? maxLength) !== undefined && !isWithin([...text].length, minLength, maxLength))
    return false;
  if (typeof pattern !== 'string' || text.length > MATCHED_CHARS || !isQuick(pattern)) return true;
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return true; // What is no expression says nothing.
  }
}

function isQuick(pattern: string): boolean {
  const repeats = pattern.match(/[*+]|\{\d+,\d*\}/g) ?? [];
  return pattern.length <= 200 && !pattern.includes('(') && repeats.length <= 2;
}

function meetsNumber(value: number, schema: JsonObject): boolean {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (!isWithin(value, minimum, maximum)) return false;
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) return false;
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) return false;
  if (typeof multipleOf !== 'number' || multipleOf <= 0) return true;
  const parts = value / multipleOf;
  return Math.abs(parts - Math.round(parts)) <= 1e-9 * Math.max(1, Math.abs(parts));
}

function isWithin(count: number, low: unknown, high: unknown): boolean {
  return !(typeof low === 'number' && count < low) && !(typeof high === 'number' && count > high);
}

/** JSON with the keys in order, so that equal values are equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, held: unknown) => {
    const fields = asObject(held);
    return fields ? Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))) : held;
  });
}
