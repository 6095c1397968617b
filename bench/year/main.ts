/**
 * A year of tenants with plans of credits: first what they burn, then what they are billed, each held against a calculation of its
 * own.
 * Usage: npm run bench:year -- [--tenants 1000]
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

for (const half of ['credits.ts', 'invoices.ts']) {
  const args = [join(import.meta.dirname, half), ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
