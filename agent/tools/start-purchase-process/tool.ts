import { z } from 'zod';
import { Fault } from '../../../shared/errors.ts';
import { beginPurchase, type Purchase } from '../../../shared/purchases/begin-purchase.ts';
import type { CallContext } from '../call-context.ts';
import { defineTool, type SentencesIn } from '../define-tool.ts';
import { readDebt } from '../read-debt.ts';

/** `amount` is in the smallest unit of the currency. */
type Offer = { name: string; seconds: number; amount: number; currency: string };

type Said = {
  checkout(offer: Offer): string;
  /** How much of what is bought pays time that is owed, and what is left of it. */
  paysDebt(paidSeconds: number, leftSeconds: number): string;
  pay: string;
  /** The same where nothing is left of it. */
  payDebt: string;
};

const sentences: SentencesIn<Said> = {
  en: ({ duration, price }) => ({
    checkout: ({ name, seconds, amount, currency }) =>
      `I have opened the checkout for ${name}: ${duration(seconds)} for ${price(amount, currency)}.`,
    paysDebt: (paid, left) =>
      left > 0
        ? `We keep ${duration(paid)} of it for time that you owe, and you have ${duration(left)} to talk.`
        : `All of it, ${duration(paid)}, goes to time that you owe, and nothing is left to talk.`,
    pay: 'Please pay on your page, and the time is yours at once.',
    payDebt: 'If you want that, please pay on your page.',
  }),
  de: ({ duration, price }) => ({
    checkout: ({ name, seconds, amount, currency }) =>
      `Ich habe die Kasse für ${name} geöffnet: ${duration(seconds)} für ${price(amount, currency)}.`,
    paysDebt: (paid, left) =>
      left > 0
        ? `Davon behalten wir ${duration(paid)} für offene Zeit ein, und Sie haben ${duration(left)} zum Sprechen.`
        : `Alles davon, ${duration(paid)}, begleicht offene Zeit, und zum Sprechen bleibt nichts.`,
    pay: 'Bitte zahlen Sie auf Ihrer Seite, und die Zeit gehört sofort Ihnen.',
    payDebt: 'Wenn Sie das möchten, zahlen Sie bitte auf Ihrer Seite.',
  }),
  es: ({ duration, price }) => ({
    checkout: ({ name, seconds, amount, currency }) =>
      `He abierto el pago de ${name}: ${duration(seconds)} por ${price(amount, currency)}.`,
    paysDebt: (paid, left) =>
      left > 0
        ? `De ese tiempo descontamos ${duration(paid)} que debe, y usted tiene ${duration(left)} para hablar.`
        : `Todo ese tiempo, ${duration(paid)}, paga el que debe, y no queda nada para hablar.`,
    pay: 'Por favor, pague en su página, y el tiempo será suyo al instante.',
    payDebt: 'Si así lo quiere, pague en su página, por favor.',
  }),
  fr: ({ duration, price }) => ({
    checkout: ({ name, seconds, amount, currency }) =>
      `J'ai ouvert le paiement pour ${name} : ${duration(seconds)} pour ${price(amount, currency)}.`,
    paysDebt: (paid, left) =>
      left > 0
        ? `Nous en retenons ${duration(paid)} pour le temps que vous devez, et vous avez ${duration(left)} pour parler.`
        : `Tout ce temps, ${duration(paid)}, règle celui que vous devez, et il n'en reste rien pour parler.`,
    pay: "Payez sur votre page, s'il vous plaît, et le temps est à vous aussitôt.",
    payDebt: "Si c'est ce que vous souhaitez, payez sur votre page.",
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
      ...(call.tenantId !== undefined && { tenantId: call.tenantId }),
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
    // Nobody pays here without having been told what of it pays a debt: asked before anything is begun.
    const debtSeconds = await readDebt(call);
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
    const paysDebtSeconds = Math.min(debtSeconds, seconds);
    const leftSeconds = seconds - paysDebtSeconds;
    const speech = [
      say.checkout({ name: offer.name, seconds, amount, currency }),
      ...(paysDebtSeconds > 0 ? [say.paysDebt(paysDebtSeconds, leftSeconds)] : []),
      leftSeconds > 0 ? say.pay : say.payDebt,
    ].join(' ');
    return {
      speech,
      pays_debt_seconds: paysDebtSeconds,
      purchase_id: purchase.id,
      package_id: offer.id,
      price_cents: amount,
      currency,
    };
  },
});
