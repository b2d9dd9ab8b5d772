import type pg from 'pg';
import { eventually } from '../../integration/support/eventually.js';

/**
 * Waits until every answered request is in the log, then checks that none is there twice, and that the totals are those
 * of the log: each request used `usage`, at 0.1 per 1,000 prompt tokens.
 */
export async function expectLogged(
  client: pg.Client,
  answered: ReadonlySet<string>,
  usage: { prompt: number },
): Promise<void> {
  await eventually(30_000, async () => {
    const known = await timesLogged(client);
    return [...answered].every((id) => known.has(id));
  });
  expect([...(await timesLogged(client))].filter(([, times]) => times > 1)).toEqual([]);
  // One statement sees one moment: requests that were never answered may still be coming in.
  const { rows } = await client.query<Record<'stored' | 'successful' | 'prompt' | 'input', number>>(
    `SELECT "grain", sum("successful")::int AS "successful", sum("promptTokens")::int AS "prompt",
            sum("inputCost")::float8 AS "input",
            (SELECT count(*) FROM "AIRequest" WHERE "code" IS NULL)::int AS "stored"
       FROM "AIUsage" WHERE "caller" = '' GROUP BY "grain" ORDER BY "grain"`,
  );
  expect(rows).toHaveLength(3);
  for (const row of rows) {
    expect([row.successful, row.prompt]).toEqual([row.stored, row.stored * usage.prompt]);
    expect(row.input).toBeCloseTo((row.stored * usage.prompt) / 10_000, 9);
  }
}

/** How often each answered request is in the log. */
async function timesLogged(client: pg.Client): Promise<Map<string, number>> {
  const { rows } = await client.query<{ requestId: string; times: string }>(
    `SELECT "requestId", count(*) AS "times" FROM "AIRequest" WHERE "code" IS NULL GROUP BY "requestId"`,
  );
  return new Map(rows.map(({ requestId, times }) => [requestId, Number(times)]));
}
