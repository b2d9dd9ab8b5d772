/**
 * The fields of an answer as a document prints it. `isWhole` is false where something is left out at `…`, or the text ends
 * before the answer does.
 */
export type PrintedShape =
  | { kind: 'object'; fields: Map<string, PrintedShape>; isWhole: boolean }
  | { kind: 'array'; items: PrintedShape[] }
  | { kind: 'value' };

/** Reads printed JSON with line breaks between its tokens and `…` in place of any of them. */
export function readPrinted(text: string): PrintedShape {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\]:,…]|[^\s{}[\]:,…"]+/g) ?? [];
  let next = 0;
  return value();

  function value(): PrintedShape {
    const token = tokens[next++];
    if (token === '{') return object();
    if (token === '[') return array();
    return { kind: 'value' };
  }

  function object(): PrintedShape {
    const fields = new Map<string, PrintedShape>();
    let isWhole = true;
    while (next < tokens.length) {
      const token = tokens[next++]!;
      if (token === '}') return { kind: 'object', fields, isWhole };
      if (token === '…') isWhole = false;
      if (!token.startsWith('"')) continue;
      next += 1; // The colon.
      fields.set(JSON.parse(token) as string, value());
    }
    return { kind: 'object', fields, isWhole: false };
  }

  function array(): PrintedShape {
    const items: PrintedShape[] = [];
    while (next < tokens.length && tokens[next] !== ']') {
      if (tokens[next] === ',' || tokens[next] === '…') next += 1;
      else items.push(value());
    }
    next += 1;
    return { kind: 'array', items };
  }
}

/** Where an answer has other fields than what is printed of it, both ways; an empty list where it has the same. */
export function differences(printed: PrintedShape, real: unknown, path = 'answer'): string[] {
  if (printed.kind === 'value') return [];
  if (printed.kind === 'array') {
    if (!Array.isArray(real)) return [`${path} is printed as a list`];
    const items = real as unknown[];
    return printed.items.flatMap((item, index) =>
      items.length === 0 ? [] : differences(item, items[Math.min(index, items.length - 1)], `${path}[]`),
    );
  }
  // A job that is not over yet has no result.
  if (real === null && path !== 'answer') return [];
  if (typeof real !== 'object' || real === null) return [`${path} is printed as an object`];
  const answered = new Map(Object.entries(real));
  const missing = [...printed.fields.keys()].filter((name) => !answered.has(name));
  const unprinted = printed.isWhole ? [...answered.keys()].filter((name) => !printed.fields.has(name)) : [];
  return [
    ...missing.map((name) => `${path}.${name} is printed and not answered`),
    ...unprinted.map((name) => `${path}.${name} is answered and not printed`),
    ...[...printed.fields]
      .filter(([name]) => answered.has(name))
      .flatMap(([name, shape]) => differences(shape, answered.get(name), `${path}.${name}`)),
  ];
}
