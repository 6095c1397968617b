import { z } from 'zod';
import { Fault } from '../../../shared/errors.ts';
import { beginPurchase, type Purchase } from '../../../shared/purchases/begin-purchase.ts';
import type { CallContext } from '../call-context.ts';
import { defineTool, type SentencesIn } from '../define-tool.ts';

/** `amount` is in the smallest unit of the currency. */
type Offer = { name: string; seconds: number; amount: number; currency: string };

const sentences: SentencesIn<{ checkout(offer: Offer): string }> = {
  en: ({ duration, price }) => ({
    checkout: ({ name, seconds, amount, currency }) =>
      `I have opened the checkout for ${name}: ${duration(seconds)} for ${price(amount, currency)}. Please pay on your page, and the time is yours at once.`,
  }),
  de: ({ duration, price }) => ({
    checkout: ({ name, seconds, amount, currency }) =>
      `Ich habe die Kasse für ${name} geöffnet: ${duration(seconds)} für ${price(amount, currency)}. Bitte zahlen Sie auf Ihrer Seite, und die Zeit gehört sofort Ihnen.`,
  }),
  es: ({ duration, price }) => ({
    checkout: ({ name, seconds, amount, currency }) =>
      `He abierto el pago de ${name}: ${duration(seconds)} por ${price(amount, currency)}. Por favor, pague en su página, y el tiempo será suyo al instante.`,
  }),
  fr: ({ duration, price }) => ({
    checkout: ({ name, seconds, amount, currency }) =>
      `J'ai ouvert le paiement pour ${name} : ${duration(seconds)} pour ${price(amount, currency)}. Payez sur votre page, s'il vous plaît, et le temps est à vous aussitôt.`,
  }),
};

const OVER: readonly Purchase['status'][] = ['canceled', 'review', 'succeeded', 'refused'];
const isOver = (purchase: Purchase) => OVER.includes(purchase.status);

/** A call can buy the same package more than once, but only after the one before it is over. */
const MAX_PURCHASES_PER_PACKAGE = 20;

/** The purchase of this package in this call that is still to be paid: a repeated tool call finds the same one. */
async function openPurchase(
  call: CallContext,
  packageId: string,
): Promise<{ purchase: Purchase; key: string }> {
  for (let count = 1; count <= MAX_PURCHASES_PER_PACKAGE; count++) {
    const key = `call:${call.callId}:${packageId}:${count}`;
    const { purchase } = await beginPurchase(call.database, {
      userId: call.userId,
      packageId,
      purpose: 'me',
      idempotencyKey: key,
    });
    if (!isOver(purchase)) return { purchase, key };
  }
  throw new Fault('too_many_requests');
}

export default defineTool({
  name: 'start_purchase_process',
  description:
    "Opens the checkout of a package on the caller's page. Money moves only when the caller pays there.",
  parameters: z.object({
    package_id: z.string().describe('such as starter, basic, premium, pro or enterprise'),
  }),
  isOffered: () => true,
  sentences,
  async execute({ args, call, say }) {
    const { packages } = await call.pricing();
    const offer = packages.find(({ id }) => id === args.package_id.trim().toLowerCase());
    if (!offer) throw new Fault('unknown_package');
    const { purchase, key } = await openPurchase(call, offer.id);
    const { amount_cents: amount, currency } = purchase;
    call.line.send({
      type: 'purchase',
      call_id: call.callId,
      idempotency_key: key,
      package_id: offer.id,
      price_cents: amount,
      currency,
    });
    const seconds = purchase.paid_seconds + purchase.bonus_seconds;
    return {
      speech: say.checkout({ name: offer.name, seconds, amount, currency }),
      purchase_id: purchase.id,
      package_id: offer.id,
      price_cents: amount,
      currency,
    };
  },
});
