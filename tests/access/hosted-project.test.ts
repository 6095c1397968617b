import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startGateway } from '../../local/database/gateway.ts';
import { freePort } from '../../local/free-port.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { buy, createBank, overSql } from '../time/bank.ts';
import { accountOf, violations } from '../time/people.ts';
import { rightsIn } from './rights.ts';

const FOLDER = 'supabase/migrations';

/** Two databases that differ in what a hosted project brings along. */
let hosted: postgres.Sql;
let local: postgres.Sql;

async function database(prepare: string): Promise<postgres.Sql> {
  const name = `hosted_${randomUUID().replaceAll('-', '')}`;
  const admin = postgres(inject('postgresUrl'), { max: 1, onnotice() {} });
  await admin.unsafe(`create database ${name}`);
  await admin.end();
  const url = new URL(inject('postgresUrl'));
  url.pathname = name;
  const options = { databaseUrl: url.href, port: await freePort(), keys: TEST_KEYS };
  await (await startGateway({ ...options, migrations: 'tests/access/no-migrations' })).close();
  const sql = postgres(url.href, { max: 1, onnotice() {} });
  await sql.unsafe(prepare);
  for (const file of readdirSync(FOLDER).sort()) await sql.unsafe(readFileSync(`${FOLDER}/${file}`, 'utf8'));
  return sql;
}
