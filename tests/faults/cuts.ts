import type { Cut } from './world.ts';

/** Everything that keeps an event from counting twice, and a payment from having two cards. */
export const NOTHING_IS_UNIQUE: { cuts: Cut[]; statements: string[] } = {
  cuts: [
    ['private.claim_event', 'return found', 'return true'],
    [
      'public.apply_paid_intent',
      "elsif v_purchase.status = 'succeeded' and v_purchase.payment_intent_id = p_payment_intent_id",
      'elsif false',
    ],
    ['public.apply_paid_intent', "in ('succeeded', 'review')", "in ('review')"],
    [
      'private.make_card',
      'select p.id, owner.id',
      'select case when exists (select from public.time_cards t where t.id = p.id) then gen_random_uuid() else p.id end, owner.id',
    ],
  ],
  statements: ['alter table public.time_cards drop constraint time_cards_payment_intent_id_key'],
};
