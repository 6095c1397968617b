import { afterAll, beforeAll, expect, test } from 'vitest';
import { planCatalogue, readPlanCatalogue } from '../../shared/catalogue/plans.ts';
import { bringCatalogue } from '../../webhook-server/plans/bring-catalogue.ts';
import { startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar({ webhooks: false });
});
afterAll(() => sidecar.close());

const catalogue = readPlanCatalogue();
const bring = (changed = catalogue, dryRun = false) => bringCatalogue(sidecar.deps, changed, { dryRun });
const plans = () => sidecar.database.sql`select id, active, seat_price_cents from public.plans
  where kind <> 'credits' order by id`;

test('dry it says everything and changes nothing; then it is brought; and then nothing differs', async () => {
  const dry = await bring(catalogue, true);
  expect(dry.problems).toEqual([]);
  for (const words of [
    'meter mindbot_voice_seconds: create',
    'product mindbot_plan_team: create',
    'plan team: added',
  ])
    expect(dry.changes).toContain(words);
  expect([await plans(), (await sidecar.stripe.products.list()).data]).toEqual([[], []]);
  expect(await bring()).toEqual(dry);
  expect((await plans()).map(({ id }) => id)).toEqual(catalogue.plans.map(({ id }) => id).toSorted());
  // Nobody subscribes to what costs nothing.
  expect(dry.changes.filter((words) => words.includes('api-free'))).toEqual(['plan api-free: added']);
  const [price] = (await sidecar.stripe.prices.list({ lookup_keys: ['mindbot:team:mindbot_voice_seconds'] }))
    .data;
  expect([String(price?.unit_amount_decimal), price?.recurring?.usage_type]).toEqual(['0.25', 'metered']);
  const made = await sidecar.stripe.events.list({ limit: 100 });
  expect(await bring(catalogue, true)).toEqual({ changes: [], problems: [] });
  expect(await bring()).toEqual({ changes: [], problems: [] });
  expect((await sidecar.stripe.events.list({ limit: 100 })).data).toEqual(made.data);
});

test('only what can change is changed: a price is replaced, a plan retired, and a meter stays what it is', async () => {
  await bring();
  const team = catalogue.plans.find(({ id }) => id === 'team');
  const dearer = {
    ...catalogue,
    plans: [{ ...(team as NonNullable<typeof team>), seat_price_cents: 2_500 }],
  };
  expect((await bring(dearer)).changes).toEqual([
    'price mindbot:team:seat: 2500 cents, replace',
    ...catalogue.plans
      .filter(({ id }) => id !== 'team')
      .map(({ id }) => `plan ${id}: retired active`)
      .toSorted(),
    'plan team: changed seat_price_cents',
  ]);
  const prices = await sidecar.stripe.prices.list({ product: 'mindbot_plan_team' });
  const seats = prices.data.filter(({ recurring }) => recurring?.usage_type === 'licensed');
  expect(seats.map(({ unit_amount, active, lookup_key }) => [unit_amount, active, lookup_key])).toEqual([
    [2_500, true, 'mindbot:team:seat'],
    [2_000, false, null],
  ]);
  const counting = {
    ...catalogue,
    meters: catalogue.meters.map((meter) => ({ ...meter, formula: 'count' as const })),
  };
  const refused = await bring(counting);
  expect(refused.problems[0]).toContain('stays one');
  expect((await plans()).filter(({ active }) => active)).toHaveLength(1);
  await bring();
});

test('a catalogue that would bill something twice is refused', () => {
  const [plan] = catalogue.plans;
  const part = plan?.metered[0];
  const twice = { ...plan, metered: [part, { ...part, event_name: 'mindbot_voice_seconds' }] };
  const read = (change: object) => planCatalogue.safeParse({ ...catalogue, ...change }).success;
  expect([read({}), read({ plans: [twice] }), read({ meters: [] }), read({ plans: [plan, plan] })]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
