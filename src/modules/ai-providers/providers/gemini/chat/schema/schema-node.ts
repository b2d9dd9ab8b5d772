import { asObject } from '../../../wire/json-value.js';
import type { JsonObject } from '../../../wire/json-value.js';
import { ANNOTATIONS, BY_TYPE, FORMATS, SILENT } from './schema-keywords.js';
import { hasTypeFor, isText, isTextList } from './schema-values.js';

const BOUNDS = [
  ['minLength', 'maxLength'],
  ['minimum', 'maximum'],
  ['minItems', 'maxItems'],
  ['minProperties', 'maxProperties'],
] as const;

/** One node of a known type on its way to Gemini's `Schema`; `convert` makes the nodes below it. */
export class SchemaNode {
  private readonly out: JsonObject;
  private readonly undescribed: string[] = [];

  constructor(
    private readonly schema: JsonObject,
    private readonly type: string,
    private readonly mayLose: boolean,
    private readonly convert: (below: unknown) => JsonObject | undefined,
  ) {
    this.out = { type };
  }

  converted(nullable: boolean): JsonObject | undefined {
    for (const keyword of Object.keys(this.schema)) {
      if (!this.take(keyword, this.schema[keyword]) && !this.leaveOut(keyword)) return undefined;
    }
    if (!this.isComplete()) return undefined;
    const values = this.schema.enum ?? (this.schema.const === undefined ? undefined : [this.schema.const]);
    if (nullable && (!Array.isArray(values) || values.includes(null))) this.out.nullable = true;
    if (this.undescribed.length > 0) this.describe();
    return this.out;
  }

  /** Whether the keyword is said, or need not be. */
  private take(keyword: string, value: unknown): boolean {
    if (keyword === 'type' || SILENT.has(keyword)) return true;
    const check = ANNOTATIONS.get(keyword) ?? BY_TYPE.get(this.type)?.get(keyword);
    if (check) return check(value) && this.set(keyword, value);
    switch (keyword) {
      case 'nullable':
      case 'additionalProperties':
        return typeof value === 'boolean';
      case 'format':
        return isText(value) && FORMATS.get(this.type)?.includes(value) === true && this.set(keyword, value);
      case 'enum':
        return this.takeValues(Array.isArray(value) ? value : []);
      case 'const':
        return this.takeValues([value]);
      case 'items':
        return this.type === 'array' && this.takeItems(value);
      case 'properties':
        return this.type === 'object' && this.takeProperties(asObject(value));
      case 'required':
      case 'propertyOrdering':
        return this.takeNames(keyword, value);
      default:
        return false;
    }
  }

  private set(keyword: string, value: unknown): boolean {
    this.out[keyword] = value;
    return true;
  }

  /** Lists of values are for texts alone ("only allowed for STRING type"), none of them empty. */
  private takeValues(values: unknown[]): boolean {
    const own = values.filter((value) => hasTypeFor(this.type, value));
    const texts = own.filter((value) => value !== '');
    if (this.type !== 'string' || texts.length === 0 || 'enum' in this.out) return false;
    return this.set('enum', [...new Set(texts)]);
  }

  private takeItems(items: unknown): boolean {
    const converted = this.convert(items);
    return converted !== undefined && this.set('items', converted);
  }

  private takeProperties(properties: JsonObject | undefined): boolean {
    const converted: [string, JsonObject][] = [];
    for (const [name, value] of Object.entries(properties ?? {})) {
      const schema = this.convert(value);
      if (schema === undefined) return false;
      converted.push([name, schema]);
    }
    // "should be non-empty for OBJECT type"
    return converted.length > 0 && this.set('properties', Object.fromEntries(converted));
  }

  /** "property is not defined": names are those of properties. */
  private takeNames(keyword: string, value: unknown): boolean {
    if (this.type !== 'object' || !isTextList(value)) return false;
    const properties = asObject(this.schema.properties) ?? {};
    const known = value.filter((name) => Object.hasOwn(properties, name));
    if (known.length < value.length && !this.mayLose) return false;
    return known.length === 0 || this.set(keyword, [...new Set(known)]);
  }

  private isComplete(): boolean {
    if (this.type === 'array' && !('items' in this.out)) return false;
    if (this.type === 'object' && !('properties' in this.out)) return false;
    return BOUNDS.every(([low, high]) => !(Number(this.out[low]) > Number(this.out[high])));
  }

  private leaveOut(keyword: string): boolean {
    this.undescribed.push(keyword);
    return this.mayLose;
  }

  private describe(): void {
    const said = this.undescribed
      .map((keyword) => `${keyword}: ${JSON.stringify(this.schema[keyword])}`)
      .join(', ');
    const { description } = this.out;
    this.out.description = typeof description === 'string' ? `${description} (${said})` : said;
  }
}
