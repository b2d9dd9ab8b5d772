import { nameOf } from './environment.reader.js';
import type { VariableTexts } from './environment.reader.js';
import type { EnvironmentValues, VariableName } from './environment.table.js';

interface RelationContext {
  readonly texts: VariableTexts;
  /** Variables with a problem of their own: nothing more is said about them. */
  readonly unread: ReadonlySet<VariableName>;
  readonly requireEncryption: boolean;
}

/** What the values, each good by itself, contradict in one another: one line a contradiction. */
export function brokenRelations(values: EnvironmentValues, context: RelationContext): string[] {
  const problems: string[] = [];
  const check = (holds: boolean, name: VariableName, other: VariableName, expectation: string): void => {
    if (holds || context.unread.has(name) || context.unread.has(other)) return;
    problems.push(`${nameOf(name, context.texts)}: expected ${expectation}`);
  };
  const notAbove = (low: NumericVariable, high: NumericVariable): void => {
    check(values[low] <= values[high], low, high, `no more than ${nameOf(high, context.texts)}`);
  };
  notAbove('AI_RETRY_INITIAL_DELAY_MS', 'AI_RETRY_MAX_DELAY_MS');
  notAbove('AI_ALERT_ERROR_RATE_WARNING', 'AI_ALERT_ERROR_RATE_CRITICAL');
  for (const shared of ['DATABASE_URL', 'REDIS_URL'] as const) {
    check(
      values.WORKERS === 1 || values[shared] !== undefined,
      shared,
      'WORKERS',
      `a URL when ${nameOf('WORKERS', context.texts)} is more than 1: it is what the processes share; it is not set`,
    );
  }
  check(
    values.AI_ALERT_WEBHOOK_URL === undefined || values.AI_ALERT_WEBHOOK_SECRET !== undefined,
    'AI_ALERT_WEBHOOK_SECRET',
    'AI_ALERT_WEBHOOK_URL',
    'a secret when AI_ALERT_WEBHOOK_URL is set; it is not set',
  );

  const keyWanted = values.AI_ENCRYPTION_IV !== undefined || (values.NODE_ENV && context.requireEncryption);
  const ivWanted = values.AI_ENCRYPTION_KEY !== undefined || (values.NODE_ENV && context.requireEncryption);
  const why = values.NODE_ENV ? 'in production' : 'when the other of key and IV is set';
  check(
    !keyWanted || values.AI_ENCRYPTION_KEY !== undefined,
    'AI_ENCRYPTION_KEY',
    'AI_ENCRYPTION_IV',
    `32 to 64 characters ${why}; it is not set`,
  );
  check(
    !ivWanted || values.AI_ENCRYPTION_IV !== undefined,
    'AI_ENCRYPTION_IV',
    'AI_ENCRYPTION_KEY',
    `16 to 64 characters ${why}; it is not set`,
  );
  return problems;
}

type NumericVariable = {
  [N in VariableName]: EnvironmentValues[N] extends number ? N : never;
}[VariableName];
