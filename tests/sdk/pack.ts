import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { API_SCOPES } from '../../shared/api-keys/api-key.ts';
import { readPlanCatalogue } from '../../shared/catalogue/plans.ts';
import type { TestSidecar } from '../support/sidecar.ts';
import { addTenant } from '../usage/usage.ts';

const run = promisify(execFile);

/** Runs a command to its end. @throws with what it wrote */
export async function runIn(
  folder: string,
  command: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { PATH = '', HOME = '' } = process.env;
  try {
    const options = { cwd: folder, env: { PATH, HOME, ...env }, maxBuffer: 16_777_216 };
    return (await run(command, args, options)).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')}: ${stdout.slice(-3000)}${stderr.slice(-3000)}`);
  }
}

/** Whether a command can be run here. */
export const hasCommand = (command: string, args: string[]): Promise<boolean> =>
  run(command, args).then(
    () => true,
    () => false,
  );

/** A folder of its own, where nothing of this project is found. */
export function emptyFolder(files: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'mindbot-sdk-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Whom the programs of the SDKs ask for: a person with a tenant of theirs, and a key of it. */
export async function addCustomer(sidecar: TestSidecar) {
  const { sql, signUp } = sidecar.database;
  await sql`select set_catalogue(${sql.json(readPlanCatalogue().plans as never)})`;
  const owner = await signUp();
  const tenantId = await addTenant(sql, [owner.id]);
  const body = { name: 'SDK', scopes: API_SCOPES };
  const made = await sidecar.post(`/tenants/${tenantId}/api-keys`, { person: owner, body });
  const { secret, key } = made.body as { secret: string; key: { id: string } };
  const allow = (quota: number) =>
    sql`update private.api_allowances set quota = ${quota} where tenant_id = ${tenantId}`;
  return { owner, tenantId, secret, keyId: key.id, allow };
}

export const variablesOf = (
  url: string,
  { owner, tenantId, secret }: Awaited<ReturnType<typeof addCustomer>>,
) => ({
  MINDBOT_URL: url,
  MINDBOT_API_KEY: secret,
  MINDBOT_ACCESS_TOKEN: owner.accessToken,
  MINDBOT_TENANT: tenantId,
  MINDBOT_PERSON: owner.id,
});
