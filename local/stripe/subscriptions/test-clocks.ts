import type Stripe from 'stripe';
import { integer, text } from '../api/form.ts';
import { fieldIs, retrieving } from '../api/list-objects.ts';
import { invalidRequest } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { expireUnpaid, expiryOf } from './dunning.ts';
import { advance as advanceDraft, collect } from './invoices.ts';
import { endOf, renewUntil } from './renew-subscription.ts';

const MOST = 1_000;
const LIFETIME_SECONDS = 30 * 86_400;

const create = route({
  method: 'POST',
  path: '/v1/test_helpers/test_clocks',
  params: { frozen_time: integer(0), name: text(300).optional() },
  handle: (call, given) =>
    ok(
      call.create('test_helpers.test_clock', {
        deletes_after: call.nowSeconds + LIFETIME_SECONDS,
        frozen_time: given.frozen_time,
        name: given.name,
        status: 'ready',
        status_details: {},
      }),
    ),
});

function invoicesOf(call: Call, clock: string, status: 'draft' | 'open') {
  const conditions = [...fieldIs('test_clock', clock), ...fieldIs('status', status)];
  return call.store.page('invoice', conditions, { limit: MOST }).data.reverse();
}

const subscriptionsOf = (call: Call, clock: string) =>
  call.store.page('subscription', fieldIs('test_clock', clock), { limit: MOST }).data;

/** Drafts whose time is over by then, and tries to take the money that were planned. */
function collectDue(call: Call, clock: string, now: number): void {
  for (const invoice of invoicesOf(call, clock, 'draft')) {
    const at = invoice.automatically_finalizes_at;
    if (at !== null && at <= now) advanceDraft(call, invoice);
  }
  for (const invoice of invoicesOf(call, clock, 'open')) {
    const at = invoice.next_payment_attempt;
    if (at !== null && at <= now) collect(call, invoice, { planned: true });
  }
}

/** Moves the clock from one thing that happens to the next, so that each happens at its own time. */
function moveTo(
  call: Call,
  clock: Stripe.TestHelpers.TestClock,
  target: number,
): Stripe.TestHelpers.TestClock {
  const upTo = (time: number) => {
    call.change(call.object('test_helpers.test_clock', clock.id), { frozen_time: time });
    for (const subscription of subscriptionsOf(call, clock.id)) {
      expireUnpaid(call, subscription, time);
      renewUntil(call, subscription.id, time);
    }
    collectDue(call, clock.id, time);
  };
  const nextAfter = (time: number): number => {
    const subscriptions = subscriptionsOf(call, clock.id);
    const times = [
      ...subscriptions.filter(({ status }) => status !== 'canceled' && status !== 'paused').map(endOf),
      ...subscriptions.flatMap((subscription) => expiryOf(subscription) ?? []),
      ...invoicesOf(call, clock.id, 'draft').flatMap((draft) => draft.automatically_finalizes_at ?? []),
      ...invoicesOf(call, clock.id, 'open').flatMap((open) => open.next_payment_attempt ?? []),
    ];
    return Math.min(target, ...times.filter((one) => one > time));
  };
  for (let time = clock.frozen_time; time < target; ) {
    time = nextAfter(time);
    upTo(time);
  }
  return call.object('test_helpers.test_clock', clock.id);
}

/** At Stripe it takes a while, and the clock is `advancing` until then; here all has happened when it answers. */
const advance = route({
  method: 'POST',
  path: '/v1/test_helpers/test_clocks/:id/advance',
  params: { frozen_time: integer(0) },
  handle(call, given) {
    const clock = call.object('test_helpers.test_clock');
    if (given.frozen_time <= clock.frozen_time) {
      throw invalidRequest('A test clock can only be advanced to a time in its future.', {
        param: 'frozen_time',
      });
    }
    const moved = moveTo(call, clock, given.frozen_time);
    call.emit('test_helpers.test_clock.ready', moved);
    return ok(moved);
  },
});

export const testClockRoutes: readonly Route[] = [create, retrieving('test_helpers.test_clock'), advance];
