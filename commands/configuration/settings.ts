import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { setVariables } from '../../shared/config/load-config.ts';
import { agentVariables, sidecarVariables } from '../../shared/config/variables.ts';

/** Variables by name; none is empty. */
export type Settings = Readonly<Record<string, string>>;

/**
 * What is configured: the `.env` file under the real environment, which wins. An empty variable counts as
 * not set in both, so that `OPENAI_API_KEY=` in a copied example means "none".
 */
export function readSettings(envFile: string, env: NodeJS.ProcessEnv): Settings {
  const file = existsSync(envFile) ? setVariables(parseEnv(readFileSync(envFile, 'utf8'))) : {};
  return { ...file, ...setVariables(env) };
}

export const SIDECAR_NAMES: readonly string[] = Object.keys(sidecarVariables.shape);
export const AGENT_NAMES: readonly string[] = Object.keys(agentVariables.shape);

/** Every variable of the product: none reaches a process that has no use for it. */
export const PRODUCT_NAMES: ReadonlySet<string> = new Set([
  ...SIDECAR_NAMES,
  ...AGENT_NAMES,
  'LOCAL_CHAIN',
  'LOCAL_DATABASE_URL',
  'MAILBOX_URL',
]);

/**
 * The environment of one service: what belongs to the machine (PATH, proxies, certificates), and of the
 * product's variables only those it reads. So the agent never holds the Stripe key, nor the stand-ins a real one.
 */
export function serviceEnvironment(settings: Settings, names: readonly string[]): Record<string, string> {
  const entries = Object.entries(settings);
  return Object.fromEntries(entries.filter(([name]) => !PRODUCT_NAMES.has(name) || names.includes(name)));
}
