import { llm } from '@livekit/agents';
import { z } from 'zod';
import { Fault } from '../../shared/errors.ts';
import { beginPurchase, type Purchase } from '../../shared/purchases/begin-purchase.ts';
import type { CallContext } from './call-context.ts';
import { speakable } from './speakable.ts';

const OVER: readonly Purchase['status'][] = ['canceled', 'review', 'succeeded', 'refused'];
const isOver = (purchase: Purchase) => OVER.includes(purchase.status);

/** A call can buy the same package more than once, but only after the one before it is over. */
const MAX_PURCHASES_PER_PACKAGE = 20;

/** The purchase of this package in this call that is still to be paid: a repeated tool call finds the same one. */
async function openPurchase(
  context: CallContext,
  packageId: string,
): Promise<{ purchase: Purchase; key: string }> {
  for (let count = 1; count <= MAX_PURCHASES_PER_PACKAGE; count++) {
    const key = `call:${context.callId}:${packageId}:${count}`;
    const { purchase } = await beginPurchase(context.database, {
      userId: context.userId,
      packageId,
      purpose: 'me',
      idempotencyKey: key,
    });
    if (!isOver(purchase)) return { purchase, key };
  }
  throw new Fault('too_many_requests');
}

export const startPurchaseProcess = llm.tool({
  name: 'start_purchase_process',
  description:
    "Opens the checkout of a package on the caller's page. Money moves only when the caller pays there.",
  parameters: z.object({
    package_id: z.string().describe('such as starter, basic, premium, pro or enterprise'),
  }),
  execute: ({ package_id }, { ctx }: llm.ToolOptions<CallContext>) =>
    speakable(ctx.userData, async (context) => {
      const { packages } = await context.pricing();
      const offer = packages.find((candidate) => candidate.id === package_id.trim().toLowerCase());
      if (!offer) throw new Fault('unknown_package');
      const { purchase, key } = await openPurchase(context, offer.id);
      context.line.send({
        type: 'purchase',
        call_id: context.callId,
        idempotency_key: key,
        package_id: offer.id,
        price_cents: purchase.amount_cents,
        currency: purchase.currency,
      });
      return {
        speech: context.sentences.checkout({
          name: offer.name,
          seconds: purchase.paid_seconds + purchase.bonus_seconds,
          amount: purchase.amount_cents,
          currency: purchase.currency,
        }),
        purchase_id: purchase.id,
        package_id: offer.id,
        price_cents: purchase.amount_cents,
        currency: purchase.currency,
      };
    }),
});
