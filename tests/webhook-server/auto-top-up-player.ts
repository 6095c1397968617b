import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';

/** Prices of what is bought, in cents; the caps allow two and a half of the cheap ones, or one of the others. */
export const TERMS = [
  { packageId: 'starter', cap: 2500 },
  { packageId: 'basic', cap: 5000 },
] as const;

export type Step =
  | { do: 'decide' | 'disable' | 'talk' | 'next_month' | 'give_up' }
  | { do: 'consent'; terms: 0 | 1 }
  /** Stripe was asked and has decided, and nobody was told yet. */
  | { do: 'ask'; as: 'succeeded' | 'failed' }
  /** Stripe's end of whatever is in flight, told over these ways, at once. */
  | { do: 'end'; as: 'succeeded' | 'failed' | 'canceled'; ways: ('webhook' | 'worker')[] };

type Charge = { id: string; purchase: string; amount: number; status: string };

/** One person, and Stripe as it may behave: an intent ends once, in one way, however often that is told. */
export function play(sql: postgres.Sql, userId: string) {
  const ends = new Map<string, string>();
  const charges = async (status?: string) =>
    (
      await sql<Charge[]>`select id, purchase_id as purchase, amount_cents as amount, status
      from private.auto_top_up_charges where user_id = ${userId} order by created_at, id`
    ).filter((charge) => status === undefined || charge.status === status);

  async function tell({ purchase, amount, id }: Charge, way: 'webhook' | 'worker', end: string) {
    if (way === 'worker') {
      // The worker only tells of declines; all else it leaves to the order.
      if (end !== 'succeeded') await sql`select public.decline_auto_top_up_charge(${id})`;
      return;
    }
    const intent = `pi_${purchase}`;
    await sql`select public.attach_payment_intent(${purchase}, ${intent})`;
    await sql`select public.apply_payment(${`evt_${randomUUID()}`}, 'test', ${purchase}, ${intent}, ${end},
      ${end === 'succeeded' ? amount : 0}, 0, 'usd', 'card_declined', '[]', '[]', null)`;
  }

  /** Claims a charge as the worker does. @returns its one end, or undefined where it is not to be charged */
  async function ask({ id }: Charge, as: string): Promise<string | undefined> {
    const [row] = await sql`select public.claim_auto_top_up_charge(${id}) as answer`;
    if (row?.answer.status !== 'charge') return undefined;
    if (!ends.has(id)) ends.set(id, as);
    return ends.get(id);
  }

  async function end(as: string, ways: ('webhook' | 'worker')[]) {
    for (const charge of await charges('in_flight')) {
      const final = await ask(charge, as);
      if (final === undefined) continue;
      await Promise.all(ways.map((way) => tell(charge, way, final)));
    }
  }

  return {
    charges,
    ends,
    async run(one: Step): Promise<void> {
      switch (one.do) {
        case 'decide':
          return void (await sql`select public.decide_auto_top_ups()`);
        case 'disable':
          return void (await sql`select public.disable_auto_top_up(${userId})`);
        case 'talk':
          return void (await sql`select public.deduct_user_time(${userId}, 55)`);
        case 'next_month':
          return void (await sql`update private.auto_top_up_charges set created_at = created_at - interval '32 days'
            where user_id = ${userId} and status <> 'in_flight'`);
        case 'give_up':
          // As the reconciler does with an order of which Stripe has nothing.
          for (const { purchase } of await charges('in_flight')) {
            await sql`select public.end_purchase_unmade(${purchase}, 0)`;
          }
          return;
        case 'consent': {
          const { packageId, cap } = TERMS[one.terms];
          return void (await sql`select public.set_auto_top_up(${userId}, ${packageId}, 600, ${cap}, 'pm_card')`);
        }
        case 'ask':
          for (const charge of await charges('in_flight')) await ask(charge, one.as);
          return;
        case 'end':
          return end(one.as, one.ways);
      }
    },
    async setting() {
      const [row] = await sql`select public.read_auto_top_up(${userId}) as answer`;
      return row?.answer as { status: string; monthly_cap_cents: number; charged_this_month_cents: number };
    },
  };
}
