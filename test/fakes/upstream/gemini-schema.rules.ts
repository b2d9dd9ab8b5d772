type Fields = Record<string, unknown>;

const TYPES = ['STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT'];
const FORMATS: ReadonlyMap<string, readonly string[]> = new Map([
  ['STRING', ['enum', 'date-time']],
  ['NUMBER', ['float', 'double']],
  ['INTEGER', ['int32', 'int64']],
]);
const FIELDS: ReadonlySet<string> = new Set(
  (
    'type format title description nullable enum maxItems minItems properties required minProperties maxProperties ' +
    'minLength maxLength pattern example anyOf propertyOrdering default items minimum maximum'
  ).split(' '),
);
const COUNTS = ['maxItems', 'minItems', 'minProperties', 'maxProperties', 'minLength', 'maxLength'];

/** What Gemini's API refuses of a `Schema`, in its words, or undefined: seen in public reports (google-gemini, BerriAI/litellm, …). */
export function geminiSchemaProblem(schema: unknown, path = 'parameters'): string | undefined {
  if (!isFields(schema))
    return `Invalid value at '${path}' (type.googleapis.com/google.ai.generativelanguage.v1beta.Schema)`;
  const unknown = Object.keys(schema).find((field) => !FIELDS.has(field));
  if (unknown !== undefined) return `Unknown name "${unknown}" at '${path}': Cannot find field.`;
  const wrong = wrongValue(schema, path);
  if (wrong !== undefined) return wrong;
  if (Array.isArray(schema['anyOf'])) {
    return first(schema['anyOf'], (branch, index) => geminiSchemaProblem(branch, `${path}.any_of[${index}]`));
  }
  const type = typeof schema['type'] === 'string' ? schema['type'].toUpperCase() : '';
  if (type === '') return `${path}.type: must be specified when not using one_of, any_of or all_of fields`;
  if (!TYPES.includes(type)) return `Invalid value at '${path}.type': "${type}"`;
  return ofType(schema, type, path);
}

function wrongValue(schema: Fields, path: string): string | undefined {
  const counts = COUNTS.find(
    (field) => field in schema && !(Number.isInteger(schema[field]) && Number(schema[field]) >= 0),
  );
  if (counts !== undefined) return `Invalid value at '${path}.${counts}' (TYPE_INT64)`;
  const texts = ['title', 'description', 'format', 'pattern'].find(
    (field) => field in schema && typeof schema[field] !== 'string',
  );
  if (texts !== undefined) return `Invalid value at '${path}.${texts}' (TYPE_STRING)`;
  const numbers = ['minimum', 'maximum'].find(
    (field) => field in schema && typeof schema[field] !== 'number',
  );
  return numbers === undefined ? undefined : `Invalid value at '${path}.${numbers}' (TYPE_DOUBLE)`;
}

function ofType(schema: Fields, type: string, path: string): string | undefined {
  const { format, enum: values, items, properties, required } = schema;
  if (format !== undefined && !FORMATS.get(type)?.some((known) => known === format)) {
    return `${path}.format: only ${(FORMATS.get(type) ?? []).map((one) => `'${one}'`).join(' and ')} are supported for ${type} type`;
  }
  if (values !== undefined) {
    if (type !== 'STRING') return `${path}.enum: only allowed for STRING type`;
    const problem = first(values, (value, index) =>
      value === ''
        ? `${path}.enum[${index}]: cannot be empty`
        : typeof value === 'string'
          ? undefined
          : `Invalid value at '${path}.enum[${index}]' (TYPE_STRING)`,
    );
    if (problem !== undefined) return problem;
  }
  if (type === 'ARRAY') {
    return items === undefined
      ? `${path}.items: missing field.`
      : geminiSchemaProblem(items, `${path}.items`);
  }
  if (type !== 'OBJECT')
    return items === undefined ? undefined : `${path}.items: only allowed for ARRAY type`;
  if (!isFields(properties) || Object.keys(properties).length === 0)
    return `${path}.properties: should be non-empty for OBJECT type`;
  return (
    first(required ?? [], (name, index) =>
      Object.hasOwn(properties, String(name))
        ? undefined
        : `${path}.required[${index}]: property is not defined`,
    ) ??
    first(Object.entries(properties), ([name, property]: [string, unknown]) =>
      geminiSchemaProblem(property, `${path}.properties[${name}]`),
    )
  );
}

function first<Item>(
  list: unknown,
  problem: (item: Item, index: number) => string | undefined,
): string | undefined {
  if (!Array.isArray(list)) return 'Invalid value: not a list';
  for (const [index, item] of (list as Item[]).entries()) {
    const found = problem(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
