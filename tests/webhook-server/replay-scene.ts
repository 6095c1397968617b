import type Stripe from 'stripe';
import {
  type FetchedPayment,
  fetchPaymentOfIntent,
} from '../../webhook-server/payments/fetch-payment-of-intent.ts';
import { startSidecar, type TestSidecar, until } from '../support/sidecar.ts';

const TABLES = [
  'ledger',
  'activation_codes',
  'grants',
  'stripe_events',
  'payment_refunds',
  'payment_disputes',
  'purchases',
  'accounts',
];

export type Scene = {
  sidecar: TestSidecar;
  /** All events that Stripe has, oldest first. */
  events: Stripe.Event[];
  /** Every look at every payment that could have been taken while it happened. */
  looks: FetchedPayment[];
  /** Puts the books back to where no event was heard of. */
  reset(): Promise<void>;
  /** What people have in the end. */
  books(): Promise<string>;
  close(): Promise<void>;
};

type Story = {
  method?: string;
  purpose?: 'me' | 'gift';
  afterwards?: (intent: Stripe.PaymentIntent) => Promise<unknown>;
};

/** What can become of a purchase, each once. */
function stories({ stripe, standIn }: TestSidecar, look: (intentId: string) => Promise<void>): Story[] {
  const refund = (intent: Stripe.PaymentIntent, amount: number) =>
    stripe.refunds.create({ payment_intent: intent.id, amount });
  const dispute = (intent: Stripe.PaymentIntent) => standIn.disputeCharge(String(intent.latest_charge));
  const answer = (id: string, text: string) =>
    stripe.disputes.update(id, { evidence: { uncategorized_text: text } });
  return [
    {},
    { purpose: 'gift' },
    { method: 'pm_card_chargeDeclined' },
    { afterwards: (intent) => refund(intent, 999) },
    {
      afterwards: async (intent) => {
        for (const amount of [333, 100]) {
          await refund(intent, amount);
          await look(intent.id);
        }
      },
    },
    { method: 'pm_card_refundFail', afterwards: (intent) => refund(intent, 500) },
    { afterwards: (intent) => stripe.disputes.close(dispute(intent)) },
    { afterwards: (intent) => answer(dispute(intent), 'winning_evidence') },
    { afterwards: async (intent) => dispute(intent) },
    {
      afterwards: async (intent) => {
        await refund(intent, 333);
        await look(intent.id);
        await answer(dispute(intent), 'losing_evidence');
      },
    },
    { purpose: 'gift', afterwards: (intent) => stripe.disputes.close(dispute(intent)) },
  ];
}

async function playStories(sidecar: TestSidecar): Promise<FetchedPayment[]> {
  const { stripe, standIn } = sidecar;
  const looks: FetchedPayment[] = [];
  const look = async (intentId: string) => {
    const fetched = await fetchPaymentOfIntent(stripe, intentId, true);
    if (fetched !== null) looks.push(fetched);
  };
  const intents: string[] = [];
  const ask = async (story: Story) => {
    const person = await sidecar.database.signUp();
    const { payment_intent_id: id } = await sidecar.begin(person, 'starter', story.purpose);
    intents.push(id);
    await look(id);
    // Everybody was declined once before.
    await sidecar.pay(id, 'pm_card_chargeDeclined').catch(() => undefined);
    await look(id);
    await sidecar.pay(id, story.method).catch(() => undefined);
    await look(id);
    await story.afterwards?.(await stripe.paymentIntents.retrieve(id));
    await look(id);
  };
  for (const story of stories(sidecar, look)) await ask(story);
  const { payment_intent_id: canceled } = await sidecar.begin(await sidecar.database.signUp());
  await stripe.paymentIntents.cancel(canceled);
  intents.push(canceled);
  // Verdicts and failures come by themselves.
  const settled = async () => {
    standIn.runDue();
    const disputes = await stripe.disputes.list({ limit: 100 });
    const refunds = await stripe.refunds.list({ limit: 100 });
    return (
      disputes.data.filter(({ status }) => status === 'under_review').length === 0 &&
      refunds.data.some(({ status }) => status === 'failed')
    );
  };
  await until(settled);
  for (const id of intents) await look(id);
  return looks;
}

async function allEvents({ stripe }: TestSidecar): Promise<Stripe.Event[]> {
  const events: Stripe.Event[] = [];
  for await (const event of stripe.events.list({ limit: 100 })) events.push(event);
  return events.reverse();
}

/** Purchases of every kind, all of them over at Stripe, and books that have heard of none. */
export async function createReplayScene(): Promise<Scene> {
  const sidecar = await startSidecar({ webhooks: false, settleAfterMs: 50 });
  const { sql } = sidecar.database;
  const looks = await playStories(sidecar);
  for (const table of TABLES)
    await sql.unsafe(`create table private.kept_${table} as select * from public.${table}`);
  return {
    sidecar,
    looks,
    events: await allEvents(sidecar),
    async reset() {
      await sql.begin(async (transaction) => {
        await transaction`set local session_replication_role = replica`;
        // No money had gone back, so nothing was taken.
        await transaction`delete from private.taken_parts`;
        for (const table of TABLES) {
          const overriding = table === 'ledger' ? 'overriding system value' : '';
          const [row] = await transaction<{ columns: string }[]>`
            select string_agg(column_name, ', ') as columns from information_schema.columns
            where table_schema = 'public' and table_name = ${table} and is_generated = 'NEVER'`;
          await transaction.unsafe(
            `delete from public.${table}; insert into public.${table} (${row?.columns}) ${overriding}
              select ${row?.columns} from private.kept_${table}`,
          );
        }
      });
    },
    async books() {
      const [row] = await sql`select json_build_object(
        'accounts', (select json_agg(json_build_array(user_id, balance_seconds, debt_seconds) order by user_id) from time_accounts),
        'cards', (select json_agg(json_build_array(id, status, remaining_seconds, frozen_seconds) order by id) from time_cards),
        'purchases', (select json_agg(json_build_array(id, status, refunded_cents, disputed_cents, lost_cents,
          clawed_back_seconds) order by id) from purchases),
        'refunds', (select json_agg(json_build_array(id, status) order by id) from payment_refunds),
        'disputes', (select json_agg(json_build_array(id, status) order by id) from payment_disputes)) as all`;
      return JSON.stringify(row?.all);
    },
    close: () => sidecar.close(),
  };
}
