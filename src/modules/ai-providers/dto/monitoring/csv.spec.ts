import fc from 'fast-check';
import { acceptsCsv } from './accepts-csv.js';
import { toCsv } from './csv.js';

/** Reads RFC 4180 back. */
function parse(text: string): string[][] {
  const fields = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/g;
  const lines: string[][] = [[]];
  for (const [, field = '', end] of text.matchAll(fields)) {
    lines.at(-1)?.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field);
    if (end === '\r\n') lines.push([]);
  }
  return lines.slice(0, -1);
}

describe('toCsv', () => {
  it('writes a header, nested fields by their path and nothing for null', () => {
    expect(
      toCsv(['date', 'latency.p50'], [{ date: '2026-11-22', latency: { p50: null, p95: 1e-7 }, ok: 2 }]),
    ).toBe('date,latency.p50,latency.p95,ok\r\n2026-11-22,,1e-7,2\r\n');
    expect(toCsv(['a', 'b'], [])).toBe('a,b\r\n');
  });

  it('gives back every text as it was', () => {
    const text = fc
      .string({ unit: fc.constantFrom('a', ',', '"', '\r', '\n', 'é', ' ', '=') })
      .filter((value) => !/^[=\r\n]/.test(value));
    fc.assert(
      fc.property(fc.array(fc.record({ x: text, y: text }), { minLength: 1 }), (records) => {
        expect(parse(toCsv(['x', 'y'], records))).toEqual([['x', 'y'], ...records.map(({ x, y }) => [x, y])]);
      }),
    );
  });
});

describe('toCsv and what callers name', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '=cmd|"/c calc"!A1', '＝1'])(
    'writes %j as no formula, in a cell and in the header',
    (text) => {
      expect(parse(toCsv(['model'], [{ model: text, [text]: 1 }]))).toEqual([
        ['model', `'${text}`],
        [`'${text}`, '1'],
      ]);
    },
  );

  it('leaves numbers numbers', () => {
    expect(toCsv(['a'], [{ a: -1.5 }, { a: -0 }])).toBe('a\r\n-1.5\r\n0\r\n');
  });
});

describe('acceptsCsv', () => {
  it.each([
    ['text/csv', true],
    ['text/csv; charset=utf-8', true],
    ['TEXT/CSV, */*', true],
    ['text/csv;q=0.9, application/json;q=0.5', true],
    ['text/*', true],
    ['application/json, text/csv', false],
    ['application/json, text/csv;q=0.5', false],
    ['text/csv;q=0', false],
    ['*/*', false],
    ['', false],
    [undefined, false],
    ['text/html', false],
  ])('%s: %s', (accept, csv) => {
    expect(acceptsCsv(accept)).toBe(csv);
  });
});
