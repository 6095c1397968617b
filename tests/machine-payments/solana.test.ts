import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  generateKeyPairSigner,
  getBase64Decoder,
  getBase64Encoder,
  getTransactionDecoder,
} from '@solana/kit';
import type { PaymentPayload, PaymentRequirements } from '@x402/core/types';
import { ExactSvmScheme } from '@x402/svm/exact/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findOnChain } from '../../webhook-server/machine-payments/find-on-chain.ts';
import { factsOf } from '../../webhook-server/machine-payments/payment-key.ts';

const NETWORK = 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1';
const USDC = '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU';
const TOKEN_PROGRAM = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
const SIGNATURE = '5'.repeat(87);

/** A node that answers what a test has recorded: no validator is to be had on every machine. */
const recorded = { isValid: true, sent: [] as { base64: string; err: unknown }[] };
const context = { slot: 1 };
/** Of a mint with six decimals (https://solana.com/docs/tokens): 82 bytes, the supply at 36, the decimals behind it. */
const mint = Buffer.alloc(82);
mint.writeUInt8(6, 44);
mint.writeUInt8(1, 45);
const ANSWERS: Record<string, (params: unknown[]) => unknown> = {
  getAccountInfo: () => ({
    context,
    value: {
      data: [mint.toString('base64'), 'base64'],
      executable: false,
      lamports: 1,
      owner: TOKEN_PROGRAM,
      rentEpoch: 0,
      space: 82,
    },
  }),
  getLatestBlockhash: () => ({ context, value: { blockhash: USDC, lastValidBlockHeight: 100 } }),
  isBlockhashValid: () => ({ context, value: recorded.isValid }),
  getSignaturesForAddress: () =>
    recorded.sent.map((_one, index) => ({
      signature: SIGNATURE.slice(0, -1) + (index + 1),
      slot: 1,
      err: null,
    })),
  getTransaction: ([signature]) => {
    const one = recorded.sent[Number(String(signature).at(-1)) - 1];
    return { slot: 1, blockTime: 1, transaction: [one?.base64, 'base64'], meta: { err: one?.err ?? null } };
  },
};
const node = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString());
  const result = ANSWERS[method]?.(params);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
});
let url: string;
beforeAll(async () => {
  node.listen(0, '127.0.0.1');
  await once(node, 'listening');
  url = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
});
afterAll(() => void node.close());

async function pay(amount: string) {
  const [payer, feePayer, us] = await Promise.all([1, 2, 3].map(() => generateKeyPairSigner()));
  if (!payer || !feePayer || !us) throw new Error('no keys');
  const requirements: PaymentRequirements = {
    scheme: 'exact',
    network: NETWORK,
    asset: USDC,
    amount,
    payTo: us.address,
    maxTimeoutSeconds: 60,
    extra: { feePayer: feePayer.address },
  };
  const client = new ExactSvmScheme(payer, { rpcUrl: url });
  const { payload } = await client.createPaymentPayload(2, requirements);
  return { requirements, payment: { x402Version: 2, accepted: requirements, payload } as PaymentPayload };
}

/** As the fee payer sends it: the same message, with a signature more. */
function countersigned({ payload }: PaymentPayload): string {
  const bytes = Buffer.from(getBase64Encoder().encode(String(payload.transaction)));
  bytes.fill(7, 1, 65);
  return getBase64Decoder().decode(bytes);
}

test('a payment is known by its message, whoever has signed it', async () => {
  const { payment } = await pay('1000000');
  const other = await pay('1000000');
  const signed = { ...payment, payload: { transaction: countersigned(payment) } };
  expect(getTransactionDecoder().decode(getBase64Encoder().encode(countersigned(payment)))).toBeDefined();
  expect(factsOf(signed)?.key).toBe(factsOf(payment)?.key);
  expect(factsOf(other.payment)?.key).not.toBe(factsOf(payment)?.key);
  expect(factsOf({ ...payment, payload: { transaction: 'AA==' } })).toBeNull();
});

test('a node tells what became of it: taken, failed, over, or still to be taken', async () => {
  const { payment, requirements } = await pay('9990000');
  const other = await pay('9990000');
  const find = () => findOnChain(url, payment, requirements);
  Object.assign(recorded, { isValid: true, sent: [{ base64: countersigned(other.payment), err: null }] });
  expect(await find()).toBeUndefined();
  recorded.isValid = false;
  expect(await find()).toEqual({ outcome: 'failed', failure: 'expired' });
  recorded.sent.push({ base64: countersigned(payment), err: null });
  expect(await find()).toEqual({ outcome: 'settled', transaction: `${SIGNATURE.slice(0, -1)}2` });
  recorded.sent[1] = { base64: countersigned(payment), err: { InstructionError: [2, { Custom: 1 }] } };
  expect(await find()).toEqual({ outcome: 'failed', failure: 'transaction_failed' });
});
