/** Keywords of a schema's root that a tool's input must not have at Anthropic ("… at the top level"), and references. */
const BRANCHING: readonly string[] = ['anyOf', 'oneOf', 'allOf', 'not', '$ref', 'enum', 'const', 'if'];

/** Whether the root of a JSON Schema lets objects through, as far as it says of itself. */
export function allowsObject(schema: Readonly<Record<string, unknown>>): boolean {
  const { type } = schema;
  if (Array.isArray(type)) return type.includes('object');
  if (type !== undefined) return type === 'object';
  if ('items' in schema || 'prefixItems' in schema) return false;
  const values = 'const' in schema ? [schema.const] : schema.enum;
  return !Array.isArray(values) || values.some((value) => typeof value === 'object' && value !== null);
}

/**
 * The schema of an object as Anthropic takes it for a tool's input: "input_schema does not support oneOf, allOf, or anyOf at
 * the top level" (https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use). What its root cannot say
 * is put into its description.
 */
export function inputSchemaOf(
  schema: Readonly<Record<string, unknown>>,
): Record<string, unknown> & { type: 'object' } {
  if (!BRANCHING.some((keyword) => Object.hasOwn(schema, keyword))) return { ...schema, type: 'object' };
  const said = `The input meets this JSON Schema: ${JSON.stringify(schema)}`;
  const { description, properties, $defs, definitions } = schema;
  return {
    type: 'object',
    ...(properties !== undefined && { properties }),
    ...($defs !== undefined && { $defs }),
    ...(definitions !== undefined && { definitions }),
    description: typeof description === 'string' ? `${description}\n\n${said}` : said,
  };
}
