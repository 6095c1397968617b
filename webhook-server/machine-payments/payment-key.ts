import { createHash } from 'node:crypto';
import type { PaymentPayload } from '@x402/core/types';
import { z } from 'zod';

const hex = (digits: number) => z.string().regex(new RegExp(`^0x[0-9a-fA-F]{${digits}}$`));
/** https://eips.ethereum.org/EIPS/eip-3009, as the scheme `exact` sends it. */
export const eip3009 = z.object({
  signature: z.string().regex(/^0x[0-9a-fA-F]+$/),
  authorization: z.object({
    from: hex(40),
    to: hex(40),
    value: z.string().regex(/^\d{1,30}$/),
    validAfter: z.string().regex(/^\d{1,15}$/),
    validBefore: z.string().regex(/^\d{1,15}$/),
    nonce: hex(64),
  }),
});
const solana = z.object({ transaction: z.base64().max(4000) });

export type PaymentFacts = {
  /** What makes it one payment, whoever sends it and however often: the chain takes it once. */
  key: string;
  payer: string | null;
  validBeforeSeconds: number | null;
};

/** Behind the signatures, whose number stands in the first byte; the message is what the chain knows a transaction by. */
function messageOf(transaction: Buffer): Buffer {
  return transaction.subarray(1 + 64 * (transaction[0] ?? 0));
}

/**
 * What one payment is recognised by. Never by its signature, which could be written in another way.
 * @returns null for what is no payment of the scheme `exact`
 */
export function factsOf({ accepted, payload }: PaymentPayload): PaymentFacts | null {
  const { network, asset } = accepted;
  if (network.startsWith('eip155:')) {
    const parsed = eip3009.safeParse(payload);
    if (!parsed.success) return null;
    const { from, nonce, validBefore } = parsed.data.authorization;
    return {
      key: ['x402', network, asset, from, nonce].join(':').toLowerCase(),
      payer: from,
      validBeforeSeconds: Number(validBefore),
    };
  }
  const parsed = solana.safeParse(payload);
  if (!parsed.success) return null;
  const message = messageOf(Buffer.from(parsed.data.transaction, 'base64'));
  if (message.length < 32) return null;
  const name = createHash('sha256').update(message).digest('hex');
  return { key: `x402:${network}:${name}`, payer: null, validBeforeSeconds: null };
}
