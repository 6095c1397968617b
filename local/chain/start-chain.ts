import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTestClient, defineChain, type Hex, http, parseAbi, publicActions, walletActions } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { freePort } from '../free-port.ts';
import usdc from './usdc.json' with { type: 'json' };

/** Where USDC is on Base Sepolia, whose part the chain plays unless told otherwise: its name there is part of signatures. */
export const BASE_SEPOLIA = { chainId: 84_532, usdc: '0x036CbD53842c5426634e7929541eC2318f3dCF7e' } as const;

/** Known to everybody: on a chain of this machine there is nothing to steal. */
const MNEMONIC = 'test test test test test test test test test test test junk';
/** Accounts of the mnemonic: each begins with 10,000 of the chain's own coin. */
const accountOf = (index: number) => mnemonicToAccount(MNEMONIC, { addressIndex: index });

const USDC_ABI = parseAbi([
  'function balanceOf(address owner) view returns (uint256)',
  'function mint(address to, uint256 value)',
  'function transfer(address to, uint256 value) returns (bool)',
  'function authorizationState(address authorizer, bytes32 nonce) view returns (bool)',
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce)',
]);

export type ChainOptions = {
  port?: number;
  chainId?: number;
  /** Where the code of USDC is put; more than one address makes lookalikes. */
  usdc?: readonly Hex[];
  /** A block every so many seconds; without, each transaction makes one. */
  blockSeconds?: number;
  /** `safe` is this many blocks behind the tip, and `finalized` twice as many. */
  blocksUntilSafe?: number;
};

/** The program that comes with the package of this platform; its installer is not run, and not needed. */
function findAnvil(): string {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const platform = process.platform === 'win32' ? 'win32' : process.platform;
  const name = `@foundry-rs/anvil-${platform}-${architecture}`;
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'anvil.exe' : 'anvil');
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (child.exitCode !== null) throw new Error(`anvil ended with status ${child.exitCode}`);
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId' });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body }).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(25);
  }
  throw new Error(`the chain at ${url} does not answer`);
}

/** A chain of this machine (anvil), with USDC on it, that forgets everything when it ends. */
export async function startChain(options: ChainOptions = {}) {
  const { chainId = BASE_SEPOLIA.chainId, usdc: at = [BASE_SEPOLIA.usdc] } = options;
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const words = ['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(chainId), '--silent'];
  words.push('--mnemonic', MNEMONIC);
  if (options.blockSeconds !== undefined) words.push('--block-time', String(options.blockSeconds));
  if (options.blocksUntilSafe !== undefined)
    words.push('--slots-in-an-epoch', String(options.blocksUntilSafe));
  const child = spawn(findAnvil(), words, { stdio: 'ignore' });
  // Also when this process ends by an error that nobody catches.
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const close = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    process.off('exit', kill);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  try {
    await answers(url, child);
    const chain = defineChain({
      id: chainId,
      name: 'Local chain',
      nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
      rpcUrls: { default: { http: [url] } },
    });
    const client = createTestClient({ mode: 'anvil', chain, transport: http(url), cacheTime: 0 })
      .extend(publicActions)
      .extend(walletActions);
    for (const address of at) await client.setCode({ address, bytecode: usdc.code as Hex });
    const token = at[0] as Hex;
    return {
      url,
      chainId,
      client,
      /** The first address that has the code of USDC. */
      usdc: token,
      accountOf,
      /** Gives micro-units of USDC, out of nothing. */
      async mint(to: Hex, value: bigint, of: Hex = token) {
        const asked = { address: of, abi: USDC_ABI, functionName: 'mint', args: [to, value] } as const;
        const hash = await client.writeContract({ ...asked, account: accountOf(9) });
        return client.waitForTransactionReceipt({ hash });
      },
      balanceOf: (owner: Hex, of: Hex = token) =>
        client.readContract({ address: of, abi: USDC_ABI, functionName: 'balanceOf', args: [owner] }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

export type LocalChain = Awaited<ReturnType<typeof startChain>>;
