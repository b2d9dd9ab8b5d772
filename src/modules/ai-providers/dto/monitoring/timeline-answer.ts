import { applyDecorators, Header, StreamableFile, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, getSchemaPath } from '../../../../infra/openapi/swagger.js';
import type { StatisticsGrouping } from '../../interfaces/monitoring/statistics-report.interface.js';
import { acceptsCsv } from './accepts-csv.js';
import { toCsv } from './csv.js';

/** `text/csv` as RFC 4180 §3 registers it. */
const CSV_TYPE = 'text/csv; charset=utf-8; header=present';

const COUNTS = ['totalRequests', 'successfulRequests', 'failedRequests', 'cachedRequests'];

/** The columns each kind of report always has. */
const COLUMNS = {
  usage: [
    ...COUNTS,
    'promptTokens',
    'completionTokens',
    'totalTokens',
    'cachedPromptTokens',
    'reasoningTokens',
    'unknownUsageRequests',
  ],
  cost: ['currency', 'inputCost', 'outputCost', 'totalCost'],
  performance: [
    'totalRequests',
    'averageLatency',
    'latency.p50',
    'latency.p95',
    'latency.p99',
    'timeToFirstToken',
    'successRate',
    'errorRate',
    'throughput.requestsPerMinute',
    'throughput.tokensPerMinute',
  ],
  requests: [...COUNTS, 'retriedRequests', 'fallbackRequests', 'streamedRequests', 'recoveredRequests'],
} as const;

const PART: Readonly<Partial<Record<StatisticsGrouping, readonly string[]>>> = {
  provider: ['providerId', 'providerName'],
  model: ['model'],
};

/** What decides the form of an answer. */
export interface ReportForm {
  /** The header `Accept`. */
  accept: string | undefined;
  /** What the query says, which goes before the header. */
  format: 'json' | 'csv' | undefined;
  groupBy: StatisticsGrouping | undefined;
}

/** A report as the caller wants it: whole as JSON, or its timeline as CSV. */
export function answerReport<Report extends { timeline: readonly object[] }>(
  report: Report,
  kind: keyof typeof COLUMNS,
  { accept, format, groupBy }: ReportForm,
): Report | StreamableFile {
  const isCsv = format === undefined ? acceptsCsv(accept) : format === 'csv';
  if (!isCsv) return report;
  const columns = ['date', 'start', ...((groupBy && PART[groupBy]) ?? []), ...COLUMNS[kind]];
  return new StreamableFile(Buffer.from(toCsv(columns, report.timeline)), {
    type: CSV_TYPE,
    disposition: `attachment; filename="${kind}.csv"`,
  });
}

/** Documents such an answer, which caches keep apart by `Accept`. */
export function AnswersReport(report: Type): MethodDecorator {
  return applyDecorators(
    Header('Vary', 'Accept'),
    ApiExtraModels(report),
    ApiOkResponse({
      description: 'With `Accept: text/csv` or `format=csv` the timeline alone, as RFC 4180 describes it',
      content: {
        'application/json': { schema: { $ref: getSchemaPath(report) } },
        'text/csv': { schema: { type: 'string' } },
      },
    }),
  );
}
