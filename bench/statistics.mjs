// node bench/statistics.mjs [--quick] [--json FILE]: how long each report takes over a year of ten million requests, and
// what storing a batch of the log costs while they become that many. Needs a PostgreSQL server.
import 'reflect-metadata';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import { migrate } from '../dist/infra/prisma/migrations/migrations.js';
import { AIProvidersModule } from '../dist/modules/ai-providers/ai-providers.module.js';
import { JournalEntry } from '../dist/modules/ai-providers/ledger/journal/journal-line.js';
import { RequestLogRepository } from '../dist/modules/ai-providers/ledger/request-log.repository.js';
import { AIMonitoringService } from '../dist/modules/ai-providers/services/ai-monitoring.service.js';
import { createDatabase } from './database.mjs';
import { summarise, tableOf, writeJson } from './report.mjs';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'string' } },
});
const REQUESTS = options.quick ? 500_000 : 10_000_000;
const ROUNDS = options.quick ? 5 : 15;
const PROVIDERS = 5;
const MODELS = 2;
const DAYS = 365;
const DAY_MS = 86_400_000;
/** Single requests are kept as long as they are by default. */
const KEPT_DAYS = 30;
const BATCH_EVENTS = 500;
/** Shares of the requests beside which storing is measured. */
const GROWTH = [0.1, 0.25, 0.5, 1];
const WARM_UP = 3;

const database = await createDatabase();
if (database === null) throw new Error('No PostgreSQL server answers');
const directory = mkdtempSync(join(tmpdir(), 'ai-providers-bench-'));
await migrate({ connectionString: database.url });
const client = new pg.Client({ connectionString: database.url });
await client.connect();
const app = await NestFactory.createApplicationContext(
  AIProvidersModule.forRoot({
    dataDir: directory,
    databaseUrl: database.url,
    encryption: { key: randomBytes(16).toString('hex'), iv: randomBytes(8).toString('hex') },
    alerts: { checkIntervalMs: 2_000_000_000 },
    controllers: false,
  }),
  { logger: false, abortOnError: false },
);
try {
  await run();
} finally {
  await app.close();
  await client.end();
  await database.drop();
  await rm(directory, { recursive: true, force: true });
}

async function run() {
  const log = app.get(RequestLogRepository);
  const monitoring = app.get(AIMonitoringService);
  const end = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const store = () => log.record(batch(end).map((event) => JournalEntry.of(event)));
  const summary = { 'a batch of 500 into empty tables': await sampled(store) };
  let filled = 0;
  for (const share of GROWTH) {
    const days = Math.round(DAYS * share);
    await fillUsage(end - (DAYS - filled) * DAY_MS, end - (DAYS - days) * DAY_MS);
    // Single requests are kept for thirty days: there are never more than these.
    if (filled === 0) await fillRequests(end);
    await client.query('VACUUM ANALYZE');
    filled = days;
    summary[`a batch of 500 beside ${(REQUESTS * share).toLocaleString('en')}`] = await sampled(store);
  }
  const year = { startDate: dateOf(end - DAYS * DAY_MS), endDate: dateOf(end) };
  const month = { startDate: dateOf(end - 30 * DAY_MS), endDate: dateOf(end) };
  const reports = ['usage', 'cost', 'performance', 'requests'];
  for (const groupBy of ['day', 'month', 'provider', 'model', 'hour'])
    for (const report of reports)
      summary[`${report}, year by ${groupBy}`] = await sampled(() =>
        monitoring[report]({ ...year, groupBy }),
      );
  for (const report of reports)
    summary[`${report}, month by hour`] = await sampled(() =>
      monitoring[report]({ ...month, groupBy: 'hour', timezone: 'Europe/Berlin' }),
    );
  summary.metrics = await sampled(() => monitoring.metrics());
  summary.alerts = await sampled(() => monitoring.alerts());
  for (const report of reports)
    summary[`${report}, year by day in Berlin`] = await sampled(() =>
      monitoring[report]({ ...year, timezone: 'Europe/Berlin' }),
    );
  const counted = await monitoring.usage(year);
  process.stdout.write(`${counted.totalRequests} requests in the year\n`);
  const column = (name) =>
    Object.fromEntries(Object.entries(summary).map(([row, numbers]) => [row, numbers[name]]));
  process.stdout.write(tableOf({ milliseconds: column('ms'), 'CPU ms of this process': column('cpuMs') }));
  writeJson(options.json, { requests: REQUESTS, summary });
}

async function sampled(work) {
  const samples = [];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const startedAt = performance.now();
    const before = process.cpuUsage();
    await work().catch(outOfTime);
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) samples.push({ ms: performance.now() - startedAt, cpuMs: (user + system) / 1_000 });
  }
  return summarise(samples);
}

/** On a machine that is busy with something else a report may exceed the bound on a query: that long it took, then. */
function outOfTime(error) {
  if (error?.code !== 'DATABASE_UNAVAILABLE') throw error;
  process.stderr.write('A query was given up after its 2 s\n');
}

/** The roll-ups of these days as the ledger would have left them: rows of one time lie together, as they came. */
async function fillUsage(from, to) {
  // A third of the classes, as a vendor's latencies take up.
  const counts = Array.from({ length: 44 }, (_, place) => (place >= 20 ? 1 : 0));
  const latencies = `'{${counts.join(',')}}'`;
  const cells = PROVIDERS * MODELS;
  for (const [grain, step] of [
    [1440, '1 day'],
    [60, '1 hour'],
    [1, '1 minute'],
  ]) {
    const share = REQUESTS / (DAYS * (1440 / grain) * cells);
    // Where less than one request falls into a cell, only that share of the cells is there.
    const present = Math.min(1, share);
    const each = Math.max(1, Math.round(share));
    await client.query(
      `INSERT INTO "AIUsage" ("grain", "span", "providerId", "model", "currency", "providerName", "successful", "failed",
         "failures", "retried", "fallbacks", "streamed", "recovered", "cached", "promptTokens", "completionTokens",
         "cachedPromptTokens", "reasoningTokens", "unknownUsage", "inputCost", "outputCost", "latencySum", "latencies",
         "firstTokenSum", "firstTokenCount", "firstUsedAt", "lastUsedAt")
       SELECT ${grain}, "span", 'provider-' || "p", 'model-' || "m", 'USD', 'Provider ' || "p", ${each}, 0,
         '{}', 0, 0, ${Math.floor(each / 2)}, 0, 0, ${each * 700}, ${each * 300},
         0, 0, 0, ${each} * 0.001234, ${each} * 0.005678, ${each} * 812.5, ${latencies},
         ${each} * 90.5, ${each}, "span", "span"
       FROM generate_series($1::timestamptz, $2::timestamptz - interval '1 second', interval '${step}') AS "span",
            generate_series(1, ${PROVIDERS}) AS "p", generate_series(1, ${MODELS}) AS "m"
       WHERE random() < ${present}
       ORDER BY "span"
       ON CONFLICT DO NOTHING`,
      [new Date(from), new Date(to)],
    );
  }
}

/** The single requests of the last days. */
async function fillRequests(end) {
  await client.query(
    `INSERT INTO "AIRequest" SELECT gen_random_uuid(), 'bench', NULL, NULL, false, false, false, 812.5, $3::jsonb, NULL, "at", "at", "at"
       FROM (SELECT $1::timestamptz + random() * ($2::timestamptz - $1::timestamptz) AS "at"
               FROM generate_series(1, ${Math.round((REQUESTS / DAYS) * KEPT_DAYS)})) AS "ended"`,
    [new Date(end - KEPT_DAYS * DAY_MS), new Date(end), JSON.stringify([attempt(1, 1)])],
  );
}

function attempt(provider, model) {
  return {
    providerId: `provider-${provider}`,
    providerName: `Provider ${provider}`,
    model: `model-${model}`,
    outcome: 'success',
    latency: 812,
    providerType: 'OPENAI',
    tryNumber: 1,
    usage: { promptTokens: 700, completionTokens: 300, totalTokens: 1000, source: 'reported' },
    pricing: { inputTokenCost: 0.0025, outputTokenCost: 0.01, currency: 'USD' },
    timeToFirstToken: null,
  };
}

/** Requests of the day that has begun, of every provider and model. */
function batch(end) {
  return Array.from({ length: BATCH_EVENTS }, (_, index) => ({
    id: randomUUID(),
    requestId: 'bench',
    caller: null,
    code: null,
    streamed: false,
    recovered: false,
    cached: false,
    latency: 815,
    attempts: [attempt((index % PROVIDERS) + 1, (index % MODELS) + 1)],
    metadata: null,
    startedAt: end,
    endedAt: end + 815,
  }));
}

function dateOf(time) {
  return new Date(time).toISOString().slice(0, 10);
}
