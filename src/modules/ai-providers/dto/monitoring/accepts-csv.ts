interface MediaRange {
  type: string;
  quality: number;
}

/** Whether the header `Accept` asks for CSV rather than JSON (RFC 9110 §12.5.1); where it likes both alike, the named one. */
export function acceptsCsv(accept: string | undefined): boolean {
  const ranges = (accept ?? '').split(',').map(rangeOf);
  const csv = best(ranges, 'text/csv');
  const json = best(ranges, 'application/json');
  if (csv === undefined || csv.quality === 0) return false;
  if (json === undefined || csv.quality !== json.quality) return csv.quality > (json?.quality ?? 0);
  return csv.type === 'text/csv' && json.type !== 'application/json';
}

function rangeOf(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return { type, quality: quality === undefined ? 1 : Number(quality) || 0 };
}

/** The most specific range that covers the type decides. */
function best(ranges: readonly MediaRange[], type: string): MediaRange | undefined {
  const covering = [type, `${type.split('/')[0]}/*`, '*/*'];
  return covering
    .map((name) => ranges.find((range) => range.type === name))
    .find((range) => range !== undefined);
}
