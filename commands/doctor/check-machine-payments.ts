import { ConfigurationError, loadConfig } from '../../shared/config/load-config.ts';
import { sidecarVariables } from '../../shared/config/variables.ts';
import type { Settings } from '../configuration/settings.ts';
import { bad, type Finding, ok, worthKnowing } from './finding.ts';

const ours = sidecarVariables.pick({
  X402_FACILITATOR_URL: true,
  X402_FACILITATOR_TOKEN: true,
  X402_PAY_TO: true,
  X402_RPC_URLS: true,
  X402_ASSETS: true,
  X402_MAINNETS: true,
});

/** Whether what is set to sell to programs can work; nothing where none of it is set. Reads no network. */
export async function checkMachinePayments(settings: Settings): Promise<Finding[]> {
  const isSet = Object.keys(settings).some((name) => name.startsWith('X402_'));
  if (!isSet) return [];
  try {
    // What chains need takes a while to load, and most have none.
    const { isTestnet, readNetworks } = await import('../../webhook-server/machine-payments/networks.ts');
    const { networks, problems } = readNetworks(loadConfig(ours, settings));
    const real = networks.filter(({ id }) => !isTestnet(id));
    return [
      ...problems.map((problem) => bad(problem, 'docs/machine-payments.md')),
      ...networks.map(({ id, asset, payTo }) => ok(`Sold on ${id}: USDC ${asset}, paid to ${payTo}`)),
      ...(real.length > 0 && settings.ENVIRONMENT !== 'production'
        ? [worthKnowing('X402_MAINNETS is set, and this is not production')]
        : []),
    ];
  } catch (error) {
    // Told with the rest of the configuration.
    if (error instanceof ConfigurationError) return [];
    throw error;
  }
}
