import { agentVariables, sidecarVariables } from '../../shared/config/variables.ts';
import type { Settings } from './read-settings.ts';

export const SIDECAR_NAMES: readonly string[] = Object.keys(sidecarVariables.shape);
export const AGENT_NAMES: readonly string[] = Object.keys(agentVariables.shape);

/** Every variable of the product: none reaches a process that has no use for it. */
export const PRODUCT_NAMES: ReadonlySet<string> = new Set([
  ...SIDECAR_NAMES,
  ...AGENT_NAMES,
  'DATABASE_URL',
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
