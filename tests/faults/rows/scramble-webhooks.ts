import fc from 'fast-check';
import type Stripe from 'stripe';
import { reconcilePayments } from '../../../webhook-server/payments/reconcile-payments.ts';
import { PRICES } from '../../time/bank.ts';
import { accountOf } from '../../time/people.ts';
import { audit } from '../call-books.ts';
import { NOTHING_IS_UNIQUE } from '../cuts.ts';
import { defineRow } from '../define-row.ts';
import type { Findings } from '../findings.ts';
import { openSidecarBench, type SidecarBench } from '../sidecar-bench.ts';

type Plan = {
  /** Refunds after the payment, in percent of the price. */
  refunds: number[];
  /** For each event, in the order in which they are delivered: how many copies, or none at all. */
  copies: number[];
  order: number[];
  /** Copies at once, or one after the other. */
  atOnce: boolean;
  /** Stripe may tell of one payment by two events. */
  twin: boolean;
  /** When the reconciler looks: before, between or after the webhooks; it always looks once in the end. */
  reconcileAt: number;
};

const MOST_EVENTS = 6;
const plan: fc.Arbitrary<Plan> = fc.record({
  refunds: fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 2 }),
  copies: fc.array(fc.constantFrom(0, 0, 1, 5), { minLength: MOST_EVENTS, maxLength: MOST_EVENTS }),
  order: fc.array(fc.nat(1000), { minLength: MOST_EVENTS, maxLength: MOST_EVENTS }),
  atOnce: fc.boolean(),
  twin: fc.boolean(),
  reconcileAt: fc.nat(MOST_EVENTS),
});

const EPOCH = new Date(0);
const STARTER_SECONDS = 3600;

async function deliver(bench: SidecarBench, events: Stripe.Event[], one: Plan, findings: Findings) {
  const shuffled = events
    .map((event, index) => ({ event, place: one.order[index % MOST_EVENTS] ?? 0 }))
    .sort((a, b) => a.place - b.place)
    .flatMap(({ event }, index) => Array.from({ length: one.copies[index % MOST_EVENTS] ?? 0 }, () => event));
  const send = async (event: Stripe.Event) => {
    const { status } = await bench.sidecar.deliver(event);
    findings.expect(status === 200, `a webhook was answered ${status}`);
  };
  if (one.atOnce) return void (await Promise.all(shuffled.map(send)));
  for (const [index, event] of shuffled.entries()) {
    if (index === one.reconcileAt) await reconcilePayments(bench.sidecar.deps, EPOCH);
    await send(event);
  }
}

async function play(bench: SidecarBench, one: Plan, heals: boolean, findings: Findings): Promise<void> {
  const buyer = await bench.person();
  const intentId = await bench.pay(buyer, 'starter', 'me');
  let refundedCents = 0;
  for (const percent of one.refunds) {
    const amount = Math.floor((PRICES.starter * percent) / 100);
    if (amount === 0) continue;
    await bench.sidecar.stripe.refunds.create({ payment_intent: intentId, amount });
    refundedCents += amount;
  }
  const events = await bench.eventsOf(intentId);
  const paid = events.find(({ type }) => type === 'payment_intent.succeeded');
  if (one.twin && paid !== undefined) events.push({ ...paid, id: `${paid.id}_twin` });
  await deliver(bench, events, one, findings);
  if (heals) await reconcilePayments(bench.sidecar.deps, EPOCH);
  const cards = await bench.sql`select id from public.time_cards where purchaser_id = ${buyer.id}`;
  findings.expect(cards.length === 1, `${cards.length} cards for one payment`);
  const { balance } = await accountOf(bench.sql, buyer.id);
  const due = STARTER_SECONDS - Math.floor((STARTER_SECONDS * refundedCents) / PRICES.starter);
  findings.expect(balance === due, `${balance} s in the account, ${due} s are paid for`);
  await audit(findings, bench.sql);
}

export const scrambleWebhooks = defineRow<Plan>({
  number: 11,
  name: 'webhooks',
  title: 'webhooks five times, in any order, late, never',
  cases: { short: 12, long: 400 },
  atOnce: 2,
  plan,
  async open(world, sabotage) {
    const bench = await openSidecarBench(world, sabotage);
    const heals = sabotage?.variant !== 'no reconciler';
    return { play: (one, findings) => play(bench, one, heals, findings), close: bench.close };
  },
  controls: [
    { name: 'nobody looks for what no webhook told', variant: 'no reconciler' },
    {
      name: 'nothing is unique: neither event, nor purchase, nor payment intent',
      ...NOTHING_IS_UNIQUE,
    },
  ],
});
