import { randomBytes } from 'node:crypto';
import { ExactEvmScheme } from '@x402/evm/exact/client';
import { wrapFetchWithPaymentFromConfig } from '@x402/fetch';
import { Mppx, stripe as mppStripe } from 'mppx/client';
import type { Hex } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { type LocalFacilitator, startFacilitator } from '../../local/chain/facilitator.ts';
import { BASE_SEPOLIA, type LocalChain, startChain } from '../../local/chain/start-chain.ts';
import { startSidecar, type TestSidecar } from '../support/sidecar.ts';

export const NETWORK = `eip155:${BASE_SEPOLIA.chainId}` as const;
/** Where we are paid to: nobody's key is known. */
export const SHOP = '0x00000000000000000000000000000000005e11e4' as const;

export type Scene = {
  chain: LocalChain;
  facilitator: LocalFacilitator;
  sidecar: TestSidecar;
  close(): Promise<void>;
};

/** A sidecar that sells on a chain of this machine, through a facilitator of ours, and by card at the stand-in. */
export async function openShop(config: object = {}): Promise<Scene> {
  const chain = await startChain();
  const facilitator = await startFacilitator({ chains: [chain] });
  const sidecar = await startSidecar({
    config: {
      X402_FACILITATOR_URL: facilitator.url,
      X402_PAY_TO: new Map([[NETWORK, SHOP]]),
      X402_RPC_URLS: new Map([[NETWORK, chain.url]]),
      X402_SETTLE_MS: 5_000,
      MPP_STRIPE_NETWORK: 'profile_test',
      ...config,
    },
  });
  return {
    chain,
    facilitator,
    sidecar,
    async close() {
      await sidecar.close();
      await facilitator.close();
      await chain.close();
    },
  };
}

/** A wallet with money, and what programs get from npm to pay with it, as it comes: with all that it sent. */
export async function openWallet({ chain }: Scene, units = 100_000_000n, spend: object = {}) {
  const account = privateKeyToAccount(generatePrivateKey());
  if (units > 0n) await chain.mint(account.address, units);
  const signatures: string[] = [];
  const watch: typeof fetch = (input, init) => {
    // By its form: the client's Request need not be of the class that is global here, and its body is read once.
    const signature = new Headers((input as Request).headers ?? init?.headers).get('payment-signature');
    if (signature !== null) signatures.push(signature);
    return fetch(input, init);
  };
  const pay = wrapFetchWithPaymentFromConfig(watch, {
    schemes: [{ network: 'eip155:*', client: new ExactEvmScheme(account) }],
    spendControls: { maxAmountPerPayment: '$50', ...spend },
  });
  /** The payment that the client would send, unsent. */
  async function sign(url: string, headers: Record<string, string>, body?: string): Promise<string> {
    let signature = '';
    const keep: typeof fetch = async (input, init) => {
      const request = new Request(input, init);
      const signed = request.headers.get('payment-signature');
      if (signed === null) return fetch(request);
      signature = signed;
      return new Response('{}');
    };
    const schemes = [{ network: 'eip155:*' as const, client: new ExactEvmScheme(account) }];
    const spendControls = { maxAmountPerPayment: '$50' };
    const init = { method: 'POST', headers, ...(body !== undefined && { body }) };
    await wrapFetchWithPaymentFromConfig(keep, { schemes, spendControls })(url, init);
    return signature;
  }
  return { address: account.address as Hex, pay, sign, signatures };
}

/** An agent with a token of Stripe's to pay by card, as it comes from npm, with all that it sent. */
export function openCardAgent({ sidecar }: Scene, card = 'pm_card_visa') {
  const credentials: string[] = [];
  const watch: typeof fetch = (input, init) => {
    const credential = new Headers(init?.headers).get('authorization');
    if (credential?.startsWith('Payment ')) credentials.push(credential);
    return fetch(input, init);
  };
  const createToken = async ({ amount, currency }: { amount: string; currency: string }) => {
    const params = {
      payment_method: card,
      usage_limits: { currency, max_amount: Number(amount), expires_at: Math.floor(Date.now() / 1000) + 600 },
    };
    const path = '/v1/test_helpers/shared_payment/granted_tokens';
    return ((await sidecar.stripe.rawRequest('POST', path, params)) as unknown as { id: string }).id;
  };
  const methods = [mppStripe.charge({ paymentMethod: card, createToken })];
  const { fetch: pay } = Mppx.create({ fetch: watch, polyfill: false, methods });
  return { pay, credentials };
}

export const newSecret = () => randomBytes(32).toString('base64url');
