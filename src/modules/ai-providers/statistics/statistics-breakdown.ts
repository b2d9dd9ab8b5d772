import type {
  Breakdown,
  StatisticsGrouping,
  TimelineStep,
} from '../interfaces/monitoring/statistics-report.interface.js';
import type { StatisticsCell, StatisticsQuery, TimeRange } from './statistics-cell.interface.js';
import { LocalTime } from './time/local-time.js';
import { grouped } from './statistics-cells.js';
import { latest, aggregateOf, type Aggregate } from './statistics-aggregate.js';

type Step = 'hour' | 'day' | 'month';

/** How much of a local time a step's label shows: `2024-03-31T02:00`, `2024-03-31` or `2024-03`. */
const LABEL_LENGTH: Readonly<Record<Step, number>> = { hour: 16, day: 10, month: 7 };

/** Where the numbers come from and how they are cut. */
export interface BreakdownInput {
  /** Of the whole range, one for each provider, model and currency. */
  sums: readonly StatisticsCell[];
  /** Of each step, as fine as the grouping needs. */
  cells: readonly StatisticsCell[];
  range: TimeRange;
  groupBy: StatisticsGrouping;
  timezone: string;
}

/** Rows of one aggregate: one, or one a currency. */
export type RowsOf<Row> = (aggregate: Aggregate) => Row[];

/** The step of time that a grouping needs. */
export function stepOf(groupBy: StatisticsGrouping): Step {
  return groupBy === 'provider' || groupBy === 'model' ? 'day' : groupBy;
}

/** How fine the cells of a grouping's timeline are. */
export function partsOf(groupBy: StatisticsGrouping): NonNullable<StatisticsQuery['by']> {
  return groupBy === 'provider' ? ['providerId'] : groupBy === 'model' ? ['model'] : [];
}

/** Cuts the cells by provider, by model and over time, and puts `rowsOf` into each. */
export function breakdownOf<Row>(input: BreakdownInput, rowsOf: RowsOf<Row>): Breakdown<Row> {
  const { range, sums } = input;
  const whole = (group: StatisticsCell[]): Row[] => rowsOf(aggregateOf(group));
  return {
    startDate: range.from.toISOString(),
    endDate: new Date(range.to.getTime() - 1).toISOString(),
    byProvider: grouped(sums, ({ providerId }) => providerId)
      .map((group) => ({ ...providerOf(group), rows: whole(group) }))
      .sort((left, right) => order(left.providerName, right.providerName))
      .flatMap(({ rows, ...provider }) => rows.map((row) => ({ ...provider, ...row }))),
    byModel: grouped(sums, ({ model }) => model)
      .map((group) => ({ model: group[0]?.model ?? '', rows: whole(group) }))
      .sort((left, right) => order(left.model, right.model))
      .flatMap(({ rows, model }) => rows.map((row) => ({ model, ...row }))),
    timeline: timelineOf(input, rowsOf),
  };
}

function timelineOf<Row>(input: BreakdownInput, rowsOf: RowsOf<Row>): (Row & TimelineStep)[] {
  const { cells, groupBy, timezone } = input;
  const clocks = new LocalTime(timezone);
  const part = ({ providerId, model }: StatisticsCell): string =>
    groupBy === 'provider' ? providerId : groupBy === 'model' ? model : '';
  return grouped(cells, ({ step }) => String(step.getTime()))
    .sort((left, right) => beginOf(left).getTime() - beginOf(right).getTime())
    .flatMap((step) => {
      const begin = beginOf(step);
      const local = clocks.textAt(begin.getTime());
      const date = local.slice(0, LABEL_LENGTH[stepOf(groupBy)]);
      return grouped(step, part).flatMap((group) =>
        rowsOf(aggregateOf(group)).map((row) => {
          const head: TimelineStep = { date, start: begin.toISOString() };
          return Object.assign(head, partOf(groupBy, group), row);
        }),
      );
    });
}

/** Which part of its step a group is. */
function partOf(
  groupBy: StatisticsGrouping,
  group: StatisticsCell[],
): Pick<TimelineStep, 'providerId' | 'providerName' | 'model'> {
  if (groupBy === 'provider') return providerOf(group);
  return groupBy === 'model' ? { model: group[0]?.model ?? '' } : {};
}

function beginOf([first]: readonly StatisticsCell[]): Date {
  return first?.step ?? new Date(0);
}

/** A provider by the name it had last. */
function providerOf(group: StatisticsCell[]): { providerId: string; providerName: string } {
  const { providerId = '', providerName = '' } = latest(group) ?? {};
  return { providerId, providerName };
}

function order(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
