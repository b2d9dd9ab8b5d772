import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import type { SchemaEngine } from '@prisma/schema-engine-wasm/schema_engine_bg';
import type pg from 'pg';
import { describeFailure } from '../database-address.js';
import { DEFAULT_SCHEMA } from '../database-schema.js';
import { createEngineAdapterFactory } from './schema-engine-adapter.js';

/** What we use of a global that neither the ES libraries nor Node's types declare. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, unknown>,
  ): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

let lastPanic: string | undefined;
let loading: Promise<void> | undefined;

/**
 * Prisma's schema engine, the one behind `prisma migrate`, as WebAssembly over a pool of one connection: no binary and
 * no download. `schema` is the text of `schema.prisma`, `place` the schema of the
 * database that it describes. The caller frees the engine and ends the pool.
 */
export async function openSchemaEngine(
  pool: pg.Pool,
  schema: string,
  place = DEFAULT_SCHEMA,
): Promise<SchemaEngine> {
  loading ??= loadBindings();
  await loading;
  const factory = bindMigrationAwareSqlAdapterFactory(createEngineAdapterFactory(pool, place));
  const ignoreLog = (): undefined => undefined;
  return bindings.SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, ignoreLog, factory);
}

/**
 * What the engine failed at, in one line: its reason where it panicked, the error's message otherwise, and the migration
 * it was about, which it names only in the trace of its own source that follows the message.
 */
export function explainEngineError(error: unknown): string {
  const message = describeFailure(error);
  const [text = message] = message.split(/ 0: (?:sql_)?schema_/);
  const migration = /migration_name="([^"]+)"/.exec(message)?.[1];
  const reason = (lastPanic ?? text).replace(/\s+/g, ' ').replace('external connector error', '').trim();
  lastPanic = undefined;
  return migration === undefined ? reason : `${migration}: ${reason}`;
}

async function loadBindings(): Promise<void> {
  // Where the engine leaves the reason of a panic; without it the panic itself fails on a missing global.
  const panics = {
    set_message: (reason: string): void => {
      lastPanic = reason;
    },
  };
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: panics });
  const bindingsPath = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const bytes = await readFile(join(dirname(bindingsPath), 'schema_engine_bg.wasm'));
  const imports = { './schema_engine_bg.js': { ...bindings, ...unrefTimers(bindings) } };
  const { instance } = await WebAssembly.instantiate(bytes, imports);
  bindings.__wbg_set_wasm(instance.exports);
  const start = instance.exports['__wbindgen_start'] as () => void;
  start();
}

/** The engine never clears the 10 s timer of its lock; it must not keep a finished process alive. */
function unrefTimers(functions: object): Record<string, unknown> {
  const names = Object.keys(functions).filter((name) => name.startsWith('__wbg_setTimeout_'));
  const start = (callback: () => void, ms: number): NodeJS.Timeout => setTimeout(callback, ms).unref();
  return Object.fromEntries(names.map((name) => [name, start]));
}
