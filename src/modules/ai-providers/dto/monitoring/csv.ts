/** A record with nested records, as JSON has them. */
export type CsvRecord = object;

/** What spreadsheets take for the beginning of a formula (OWASP, CSV Injection). */
const FORMULA = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

/**
 * Records as text/csv with a header line (RFC 4180): CRLF ends every line, a field with a comma, quote or line break is
 * quoted. A text that a spreadsheet would take for a formula begins with an apostrophe; numbers are as they are. Nested fields are named by their path (`latency.p95`), null is an empty field.
 * @param columns those that are always there, first; what records have beyond them follows
 */
export function toCsv(columns: readonly string[], records: readonly CsvRecord[]): string {
  const rows = records.map((record) => new Map(flatten(record, '')));
  const all = [...new Set([...columns, ...rows.flatMap((row) => [...row.keys()])])];
  const lines = [all.map(harmless), ...rows.map((row) => all.map((column) => row.get(column) ?? ''))];
  return lines.map((fields) => `${fields.map(quote).join(',')}\r\n`).join('');
}

function flatten(record: object, path: string): [string, string][] {
  return Object.entries(record).flatMap(([key, value]: [string, unknown]): [string, string][] => {
    if (typeof value === 'object' && value !== null) return flatten(value, `${path}${key}.`);
    return [
      [
        path + key,
        typeof value === 'string' ? harmless(value) : JSON.stringify(value ?? '').replaceAll('"', ''),
      ],
    ];
  });
}

function harmless(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

function quote(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
