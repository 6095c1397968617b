import type { AddressInfo } from 'node:net';
import express from 'express';
import postgres from 'postgres';

/** What any route that writes does at least: takes JSON, inserts one row, and answers. The database's address is the first argument. */
const sql = postgres(process.argv[2] ?? '', { max: 8, onnotice() {} });

const app = express();
app.post('/usage/track', express.json(), async (request, response) => {
  const { tenant_id, event_type, units } = request.body;
  await sql`insert into bench.bare (tenant_id, event_type, units) values (${tenant_id}, ${event_type}, ${units})`;
  response.json({ ok: true });
});

const server = app.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.once('SIGTERM', () => process.exit(0));
