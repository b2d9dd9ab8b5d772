type Fields = Record<string, unknown>;

const FORMATS: ReadonlySet<unknown> = new Set(
  'date-time time date duration email hostname uri ipv4 ipv6 uuid'.split(' '),
);
const ANY_NODE = [
  'type',
  'enum',
  'const',
  'anyOf',
  'allOf',
  'title',
  'description',
  '$ref',
  '$defs',
  'definitions',
];
const OF_TYPE: ReadonlyMap<string, readonly string[]> = new Map([
  ['object', ['properties', 'required', 'additionalProperties']],
  ['array', ['items', 'minItems']],
  ['string', ['format']],
]);

/** What Claude's structured outputs refuse of a schema, in the API's words, or undefined (public reports: ax-llm/ax#458, laravel/ai#715, …). */
export function claudeSchemaProblem(schema: unknown): string | undefined {
  const problem = problemOf(schema);
  return problem === undefined ? undefined : `output_config.format.schema: ${problem}`;
}

function problemOf(schema: unknown): string | undefined {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return 'Invalid schema';
  const node = schema as Fields;
  const types = [node['type']].flat().filter((type) => type !== undefined) as string[];
  const allowed = [...ANY_NODE, ...types.flatMap((type) => OF_TYPE.get(type) ?? [])];
  const alien = Object.keys(node).find((keyword) => !allowed.includes(keyword));
  if (alien !== undefined) return `For '${types[0] ?? 'any'}' type, property '${alien}' is not supported`;
  if (types.includes('object') && node['additionalProperties'] !== false) {
    return "For 'object' type, 'additionalProperties' must be explicitly set to false";
  }
  if ('minItems' in node && ![0, 1].includes(node['minItems'] as number)) {
    return "For 'array' type, 'minItems' values other than 0 or 1 are not supported";
  }
  if ('format' in node && !FORMATS.has(node['format']))
    return `For 'string' type, format '${String(node['format'])}' is not supported`;
  if (types.length === 0 && !['enum', 'const', 'anyOf', 'allOf', '$ref'].some((keyword) => keyword in node)) {
    return 'Schema type is missing';
  }
  const below = [
    ...Object.values((node['properties'] ?? {}) as Fields),
    ...('items' in node ? [node['items']] : []),
    ...((node['anyOf'] ?? []) as unknown[]),
    ...((node['allOf'] ?? []) as unknown[]),
  ];
  for (const inner of below) {
    const problem = problemOf(inner);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
