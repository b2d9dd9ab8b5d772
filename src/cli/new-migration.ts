import process from 'node:process';
import { draftMigration, writeMigration } from '../infra/prisma/migrations/migration-author.js';

/**
 * `npm run prisma:new -- <name>` writes the migration that `schema.prisma` asks for. `npm run prisma:check` writes
 * nothing and fails where one is missing.
 */
async function main(argument: string | undefined): Promise<void> {
  if (argument === undefined) throw new Error('Usage: npm run prisma:new -- <name>');
  const sql = await draftMigration();
  if (sql === undefined) {
    process.stdout.write('Nothing to do: the migrations and schema.prisma agree\n');
  } else if (argument === '--check') {
    throw new Error(
      `The migrations lack what schema.prisma asks for; run: npm run prisma:new -- <name>\n\n${sql}`,
    );
  } else {
    process.stdout.write(`Wrote prisma/migrations/${await writeMigration(argument, sql)}/migration.sql\n`);
  }
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
