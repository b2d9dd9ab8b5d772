import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum, DriverAdapterError, isDriverAdapterError } from '@prisma/driver-adapter-utils';
import type {
  SqlDriverAdapter,
  SqlMigrationAwareDriverAdapterFactory,
  SqlQuery,
  SqlResultSet,
} from '@prisma/driver-adapter-utils';
import pg from 'pg';

/**
 * `@prisma/adapter-pg` with what the schema engine needs beside it. A migration is sent as one script, so that it is
 * one transaction and may hold function bodies, where the adapter alone would cut it at every semicolon. Columns of
 * the catalogue's one-byte type `"char"`, which the adapter refuses, are read by way of text.
 */
export function createEngineAdapterFactory(
  pool: pg.Pool,
  schema: string,
): SqlMigrationAwareDriverAdapterFactory {
  const factory = new PrismaPg(pool, { schema });
  const connect = async (): Promise<SqlDriverAdapter> => {
    const adapter = await factory.connect();
    return {
      provider: adapter.provider,
      adapterName: adapter.adapterName,
      queryRaw: (query) => queryWithChars(pool, adapter, query),
      executeRaw: (query) => adapter.executeRaw(query),
      executeScript: (script) => executeScript(pool, script),
      startTransaction: (isolationLevel) => adapter.startTransaction(isolationLevel),
      getConnectionInfo: () => adapter.getConnectionInfo(),
      dispose: () => adapter.dispose(),
    };
  };
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect,
    connectToShadowDb: connect,
  };
}

async function executeScript(pool: pg.Pool, script: string): Promise<void> {
  try {
    await pool.query(script);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    const { code = '', severity = 'ERROR', message, detail, column, hint } = error;
    const original = { originalCode: code, originalMessage: message };
    throw new DriverAdapterError({
      kind: 'postgres',
      code,
      severity,
      message,
      detail,
      column,
      hint,
      ...original,
    });
  }
}

async function queryWithChars(
  pool: pg.Pool,
  adapter: SqlDriverAdapter,
  query: SqlQuery,
): Promise<SqlResultSet> {
  try {
    return await adapter.queryRaw(query);
  } catch (error) {
    if (!isDriverAdapterError(error) || error.cause.kind !== 'UnsupportedNativeDataType') throw error;
    const { fields } = await pool.query({ text: query.sql, values: query.args });
    const isChar = fields.map(({ dataTypeID }) => dataTypeID === Number(pg.types.builtins.CHAR));
    const columns = fields.map(({ name }, i) => `${pg.escapeIdentifier(name)}${isChar[i] ? '::text' : ''}`);
    const inner = query.sql.trim().replace(/;$/, '');
    const sql = `SELECT ${columns.join(', ')} FROM (${inner}) AS described`;
    const result = await adapter.queryRaw({ ...query, sql });
    const columnTypes = result.columnTypes.map((type, i) => (isChar[i] ? ColumnTypeEnum.Character : type));
    return { ...result, columnTypes };
  }
}
