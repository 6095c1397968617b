import type Stripe from 'stripe';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { FunctionName } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { applyPayment } from '../../webhook-server/payments/apply-payment.ts';
import { comparePayments } from '../../webhook-server/payments/compare-payments.ts';
import { HANDLED_EVENTS } from '../../webhook-server/payments/handled-events.ts';
import { reconcilePayments } from '../../webhook-server/payments/reconcile-payments.ts';
import { times } from '../support/long-run.ts';
import { patience } from '../support/patience.ts';
import { overSql } from '../time/bank.ts';
import { createReplayScene, type Scene } from './replay-scene.ts';
import { seeded, shuffled } from './shuffle.ts';

/** `REPLAY_ORDERS=1000` for a long run. */
const ORDERS = Number(process.env.REPLAY_ORDERS || times(2, 8));
const LOOK_ORDERS = ORDERS * 10;
const SEED = Number(process.env.REPLAY_SEED || 20261120);
const PATIENCE_PER_ORDER_MS = 10_000;
const EPOCH = new Date(0);

let scene: Scene;
let expected: string;
beforeAll(async () => {
  scene = await createReplayScene();
  await deliver(scene.events);
  expected = await scene.books();
});
afterAll(() => scene.close());
beforeEach(() => scene.reset());

async function deliver(events: readonly Stripe.Event[], atOnce = 1): Promise<void> {
  for (let at = 0; at < events.length; at += atOnce) {
    const answers = await Promise.all(
      events.slice(at, at + atOnce).map((event) => scene.sidecar.deliver(event)),
    );
    for (const { status } of answers) expect(status).toBe(200);
  }
}

async function expectTheSame(what: string): Promise<void> {
  expect(await scene.books(), what).toBe(expected);
  await scene.sidecar.expectSound();
}

test('the scene has what it should: every end of a purchase', () => {
  const { cards, purchases, disputes, refunds } = JSON.parse(expected) as Record<string, unknown[][]>;
  expect(new Set(purchases?.map(([, status]) => status))).toEqual(
    new Set(['succeeded', 'failed', 'canceled']),
  );
  expect(new Set(cards?.map(([, status]) => status))).toEqual(
    new Set(['active', 'exhausted', 'unactivated', 'revoked']),
  );
  expect(cards?.some(([, , , frozen]) => frozen === 3600)).toBe(true);
  expect(new Set(disputes?.map(([, status]) => status))).toEqual(new Set(['open', 'lost', 'won']));
  expect(new Set(refunds?.map(([, status]) => status))).toEqual(new Set(['succeeded', 'failed']));
});

test('each event twice', async () => {
  await deliver(scene.events.flatMap((event) => [event, event]));
  await expectTheSame('twice');
  await deliver(scene.events);
  await expectTheSame('and all of them again');
});

test('in reverse', async () => {
  await deliver([...scene.events].reverse());
  await expectTheSame('in reverse');
});

test(
  'in random orders, each event twice, several at once',
  async () => {
    for (let order = 0; order < ORDERS; order++) {
      await scene.reset();
      const random = seeded(SEED + order);
      await deliver(shuffled([...scene.events, ...scene.events], random), 1 + Math.floor(random() * 6));
      await expectTheSame(`seed ${SEED + order}`);
    }
    console.log(
      `replay: ${scene.events.length} events twice each, in ${ORDERS} random orders from seed ${SEED}`,
    );
  },
  patience(60_000 + ORDERS * PATIENCE_PER_ORDER_MS),
);

test(
  'older looks at Stripe that come to their end after newer ones, in random orders',
  async () => {
    const run = overSql(scene.sidecar.database.sql);
    const rpc = async (name: FunctionName, args: object) => ({
      data: await run(name, { ...args }),
      error: null,
    });
    // Straight to the database, because it is asked thousands of times.
    const deps = { ...scene.sidecar.deps, database: { rpc } as unknown as DatabaseClient };
    for (let order = 0; order < LOOK_ORDERS; order++) {
      await scene.reset();
      for (const look of shuffled([...scene.looks, ...scene.looks], seeded(SEED + order))) {
        await applyPayment(deps, look, null);
      }
      await expectTheSame(`seed ${SEED + order}`);
    }
    console.log(`replay: ${scene.looks.length} looks twice each, in ${LOOK_ORDERS} random orders`);
  },
  patience(60_000 + LOOK_ORDERS * PATIENCE_PER_ORDER_MS),
);

test.each([
  ['the list of events', (since: Date) => reconcilePayments(scene.sidecar.deps, since)],
  ['comparing alone', (since: Date) => comparePayments(scene.sidecar.deps, since)],
])('lost webhooks are healed by %s', async (_what, heal) => {
  const handled = scene.events.filter(({ type }) => HANDLED_EVENTS.some((one) => one === type));
  for (const share of [0, 0.3, 0.7]) {
    await scene.reset();
    const random = seeded(SEED + share * 10);
    await deliver(shuffled(handled, random).slice(0, Math.floor(handled.length * share)));
    await heal(EPOCH);
    await expectTheSame(`${share} of the webhooks came`);
  }
});
