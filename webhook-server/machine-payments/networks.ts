import { findDefaultAsset as findEvmAsset, getDefaultAsset as getEvmAsset } from '@x402/evm';
import { getDefaultAsset as getSvmAsset } from '@x402/svm';
import type { SidecarConfig } from '../../shared/config/variables.ts';

/** USDC on one chain, and where it is paid to. */
export type Network = {
  /** CAIP-2. */
  id: `${string}:${string}`;
  payTo: string;
  asset: string;
  /** What the scheme needs of the asset beside its address: of EIP-712, its name and version. */
  extra: Record<string, unknown>;
  /** A node of the chain, to look up what became of a payment. */
  rpcUrl: string;
};

/** Chains on which money is worth nothing. All others are real ones, and need X402_MAINNETS. */
const TESTNETS = new Set([
  ...[84_532, 11_155_111, 80_002, 421_614, 11_155_420, 43_113, 97, 1337, 31_337].map((id) => `eip155:${id}`),
  'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
  'solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z',
]);
export const isTestnet = (network: string): boolean => TESTNETS.has(network);

/** All prices are in cents, and USDC has six decimals everywhere that we take it. */
export const UNITS_PER_CENT = 10_000;
const DECIMALS = 6;

const isEvm = (network: string) => network.startsWith('eip155:');

function assetOf(network: string, given: string | undefined): Pick<Network, 'asset' | 'extra'> | null {
  if (given !== undefined) {
    const [asset = '', name, version] = given.split('/');
    return isEvm(network)
      ? /^0x[0-9a-f]{40}$/i.test(asset) && name && version
        ? { asset, extra: { name, version } }
        : null
      : { asset, extra: {} };
  }
  try {
    if (!isEvm(network)) return { asset: getSvmAsset(network as Network['id'], 'USDC').asset, extra: {} };
    const known = getEvmAsset(network as Network['id'], 'USDC');
    if (known.decimals !== DECIMALS || findEvmAsset(known.asset, network as Network['id']) === undefined)
      return null;
    return { asset: known.asset, extra: { name: known.name, version: known.version } };
  } catch {
    return null;
  }
}

type Settings = Pick<
  SidecarConfig,
  'X402_FACILITATOR_URL' | 'X402_PAY_TO' | 'X402_RPC_URLS' | 'X402_ASSETS' | 'X402_MAINNETS'
>;

/** The chains that are set up, and all that is wrong with them, each as a sentence that names the variable. */
export function readNetworks(config: Settings): { networks: Network[]; problems: string[] } {
  const problems: string[] = [];
  if (config.X402_FACILITATOR_URL === undefined) {
    if (config.X402_PAY_TO.size > 0)
      problems.push('X402_FACILITATOR_URL: is missing, so X402_PAY_TO does nothing');
    return { networks: [], problems };
  }
  if (config.X402_PAY_TO.size === 0) problems.push('X402_PAY_TO: is missing: nobody knows where to pay to');
  const networks = [...config.X402_PAY_TO].flatMap(([network, payTo]): Network[] => {
    const id = network as Network['id'];
    const found = assetOf(network, config.X402_ASSETS.get(network));
    const rpcUrl = config.X402_RPC_URLS.get(network);
    const wrong = [
      !/^(eip155|solana):/.test(network) && `X402_PAY_TO: ${network} is no chain that is known here`,
      isEvm(network) && !/^0x[0-9a-f]{40}$/i.test(payTo) && `X402_PAY_TO: no address of ${network} is given`,
      !isTestnet(network) &&
        !config.X402_MAINNETS &&
        `X402_PAY_TO: ${network} is real money; set X402_MAINNETS=true to take it`,
      found === null &&
        `X402_ASSETS: no USDC of six decimals is known on ${network}; name it as address/name/version`,
      (rpcUrl === undefined || !URL.canParse(rpcUrl)) &&
        `X402_RPC_URLS: no node of ${network} is given, so a payment that got no answer could never be found`,
    ].filter((sentence) => sentence !== false);
    problems.push(...wrong);
    return wrong.length > 0 || found === null || rpcUrl === undefined
      ? []
      : [{ id, payTo, ...found, rpcUrl }];
  });
  return { networks, problems };
}
