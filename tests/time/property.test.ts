import fc from 'fast-check';
import { describe } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { times } from '../support/long-run.ts';
import { expectFound, type Mistake } from '../support/mistakes.ts';
import { patience } from '../support/patience.ts';
import { testWithDatabase as test } from '../support/test-with-database.ts';
import { undone } from '../support/undone.ts';
import { KNOWN_HISTORIES } from './known-histories.ts';
import { type Operation, operations } from './operations.ts';
import { play } from './play.ts';
import { checkWorld, createWorld } from './world.ts';

/** One history in a transaction of its own, undone at the end. */
async function playHistory(db: TestDatabase, history: Operation[]): Promise<void> {
  await undone(db, async (sql) => {
    // Next to no rows, and the audit after each operation: to plan it anew for each takes six times as long as to run it.
    await sql`set local plan_cache_mode = force_generic_plan`;
    const world = await createWorld(sql);
    await play(world, { do: 'trial', person: 0 });
    for (const person of [0, 1]) {
      await play(world, { do: 'give', person, seconds: 200 });
      await play(world, { do: 'buy', person, gift: false, paid: true });
    }
    for (const operation of history) {
      await play(world, operation);
      await checkWorld(world);
    }
  });
}

const propertyOf = (db: TestDatabase) => fc.asyncProperty(operations, (history) => playHistory(db, history));

/** `npm run property` plays more than 100,000 operations; a history has twenty on average. */
const RUNS = Number(process.env.PROPERTY_RUNS || times(60, 300));
const PATIENCE_PER_RUN_MS = 400;

test(
  'whatever happens in whatever order, the books balance and nobody is overcharged',
  async ({ db }) => {
    let played = 0;
    const counted = fc.asyncProperty(operations, async (history) => {
      await playHistory(db, history);
      played += history.length;
    });
    await fc.assert(counted, { numRuns: RUNS });
    console.log(`${played} operations in ${RUNS} histories`);
  },
  patience(60_000 + RUNS * PATIENCE_PER_RUN_MS),
);

/** Mistakes that somebody could make in the engine: each must be found by the property above. */
const MISTAKES: Mistake[] = [
  [
    'a renewal adds up deltas',
    'public.renew_call',
    'greatest(v_hold.used_ms, p_used_ms)',
    'v_hold.used_ms + greatest(p_used_ms, 0)',
  ],
  ['a renewal does not look at the epoch', 'public.renew_call', 'and h.epoch = p_epoch', ''],
  [
    'a renewal grants what other calls hold',
    'public.renew_call',
    'v_hold.balance - sum(amount - restored_ms / 1000)',
    'v_hold.balance + 0 * sum(amount)',
  ],
  [
    'a settlement does not look at the epoch',
    'public.settle_call',
    'elsif coalesce(v_call.epoch, v_hold.epoch) is distinct from p_epoch',
    'elsif false',
  ],
  ['a settlement settles again', 'public.settle_call', "elsif v_call.status = 'settled'", 'elsif false'],
  ['a take-over does not fence', 'public.open_call', 'then 0 else 1 end', 'then 0 else 0 end'],
  [
    'a call is charged for what it was granted',
    'private.finish_call',
    '(v_used_ms - v_restored_ms) / 1000',
    'h.amount',
  ],
  [
    'a second begun is charged',
    'private.finish_call',
    '(v_used_ms - v_restored_ms) / 1000',
    '(v_used_ms - v_restored_ms + 999) / 1000',
  ],
  ['a settled call keeps its hold', 'private.finish_call', 'delete from public.holds where id = h.id;', ''],
  [
    'the last report of the worker is forgotten',
    'private.finish_call',
    'greatest(h.used_ms, p_used_ms)',
    'h.used_ms',
  ],
  [
    'a live call grants what is held',
    'private.free_amount',
    'a.balance - coalesce',
    'a.balance - 0 * coalesce',
  ],
  [
    'an entry does not reach its account',
    'private.post',
    'set balance = balance +',
    'set balance = balance + 0 *',
  ],
  [
    'an entry does not reach its grant',
    'private.post',
    'set remaining = remaining + p_amount',
    'set remaining = remaining',
  ],
  ['a debt is paid off twice over', 'private.post', 'debt = debt - case', 'debt = debt - 2 * case'],
  ['a grant is more than a slice', 'private.seconds_to_grant', 'p_max - p_ahead_seconds', 'p_max'],
  [
    'a refund takes the sum again',
    'private.settle_owned',
    'p_total - p.clawed_back_seconds - v_lost',
    'p_total - v_lost',
  ],
  ['a debt is noted again', 'private.taken_from', 'l.about_grant_id = g.id', 'l.grant_id = g.id'],
  [
    'a refund that failed gives nothing back',
    'private.settle_owned',
    'elsif p_total < p.clawed_back_seconds',
    'elsif false',
  ],
  [
    'a dispute that was won leaves the time frozen',
    'private.settle_owned',
    'frozen = frozen - v_thawed',
    'frozen = frozen - least(1, v_thawed)',
  ],
  [
    'a dispute freezes what a live call holds',
    'private.freeze_disputed',
    'private.free_amount(private.lock_account(p_account_id))',
    'v_grant.remaining',
  ],
  [
    'what a call gives back is not frozen',
    'private.pay_debt',
    'perform private.freeze_disputed(p_account_id);',
    '',
  ],
  [
    'a lost dispute takes nothing',
    'private.settle_card',
    'private.share_seconds(p, p.refunded_cents::bigint + p.lost_cents);',
    'private.share_seconds(p, p.refunded_cents);',
  ],
  [
    'an older look at a dispute undoes a newer one',
    'private.note_disputes',
    "> array_position(array['open', 'lost', 'won'], payment_disputes.status)",
    '<> 0',
  ],
  ['a new card pays no debt', 'private.credit_grant', 'perform private.pay_debt(p_grant.account_id);', ''],
  [
    'a debt is paid without a card',
    'private.pay_debt',
    "jsonb_to_recordset(private.take_from_grants(p_account_id, v_pay, 'debt_payment', v_key))",
    "jsonb_to_recordset('[]')",
  ],
  [
    'a deduction is repeated',
    'public.deduct_user_time',
    'if exists (select from public.ledger',
    'if false and exists (select from public.ledger',
  ],
  ['cards go before they expire', 'private.expire_grants_of', 'and expires_at <= now()', ''],
  [
    'a renewal grants what is left of a card that has ended',
    'public.renew_call',
    'if v_hold.first_end <= now() then',
    'if false then',
  ],
  [
    'the end of a card takes what a live call has used of it',
    'private.expire_grants_of',
    'v_grant.remaining - private.kept_of(v_grant.id)',
    'least(v_grant.remaining, private.free_amount(v_account))',
  ],
  [
    'a call uses what another keeps of a card that has ended',
    'private.take_from_grants',
    'if v_grant.expires_at <= now() then',
    'if false then',
  ],
  [
    'a refund takes what a call keeps',
    'private.take_back',
    'v_grant.remaining - private.kept_of(v_grant.id)',
    'v_grant.remaining',
  ],
  [
    'what comes back ends at once',
    'private.bring_back',
    'v_end := now() + v_part.usable_for',
    'v_end := now()',
  ],
  [
    'free minutes are given again',
    'public.claim_trial',
    'where t.user_id = p_user_id;\n  if found',
    'where t.user_id = p_user_id;\n  if false',
  ],
  [
    'free minutes are given to who has bought',
    'private.trial_refusal',
    "user_id = p_user_id and status = 'succeeded'",
    'false',
  ],
  ['a code is used twice', 'public.activate_time_card', 'elsif v_card.account_id is not null', 'elsif false'],
];

describe('the property finds a mistake', () => {
  test.for(MISTAKES)('%s', (mistake, { db }) =>
    expectFound(db, mistake, propertyOf(db), 1000, KNOWN_HISTORIES),
  );
});
