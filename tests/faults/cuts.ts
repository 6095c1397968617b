import type { Cut } from './world.ts';

/** Everything that keeps an event from counting twice, and a payment from having two cards. */
export const NOTHING_IS_UNIQUE: { cuts: Cut[]; statements: string[] } = {
  cuts: [
    ['private.claim_event', 'return found', 'return true'],
    [
      'public.apply_payment',
      "private.may_follow(v_before.status, 'succeeded')\n     and (v_before.status <> 'review' or v_before.payment_intent_id is null)",
      'true',
    ],
    [
      'private.make_card',
      'select p.id, owner.id',
      'select case when exists (select from public.grants t where t.id = p.id) then gen_random_uuid() else p.id end, owner.id',
    ],
  ],
  statements: [
    'alter table public.grants drop constraint grants_payment_intent_id_key',
    'alter table public.purchases disable trigger purchases_only_move_forward',
  ],
};
