import Stripe from 'stripe';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isPermanent, ProviderMisconfigured, ProviderRefusal } from '../../webhook-server/base/failures.ts';
import { createStripeClient, stripeFault } from '../../webhook-server/payments/stripe-client.ts';
import { createCustomer } from '../../webhook-server/queue/create-customer.ts';
import { updateCustomer } from '../../webhook-server/queue/update-customer.ts';
import type { Person } from '../support/database.ts';
import { workJobs } from '../support/queue.ts';
import { type Answer, codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar({ webhooks: false });
});
afterAll(() => sidecar.close());

const { errors } = Stripe;
const raw = (code: string) => ({ type: 'invalid_request_error', message: 'No.', code, param: 'p' }) as never;

test.each([
  [new errors.StripeInvalidRequestError(raw('email_invalid')), 'payment_refused', 422],
  [new errors.StripeInvalidRequestError(raw('amount_too_small')), 'payment_refused', 422],
  [new errors.StripeInvalidRequestError(raw('whatever_comes')), 'payment_refused', 422],
  [new errors.StripeCardError(raw('card_declined')), 'payment_refused', 422],
  [new errors.StripeAuthenticationError(raw('api_key_expired')), 'payment_misconfigured', 500],
  [new errors.StripePermissionError(raw('more_permissions_required')), 'payment_misconfigured', 500],
  [new errors.StripeInvalidRequestError(raw('resource_missing')), 'payment_provider_unavailable', 502],
  [new errors.StripeInvalidRequestError(raw('lock_timeout')), 'payment_provider_unavailable', 502],
  [new errors.StripeRateLimitError(raw('rate_limit')), 'payment_provider_unavailable', 502],
  [new errors.StripeConnectionError(raw('')), 'payment_provider_unavailable', 502],
  [new errors.StripeAPIError(raw('')), 'payment_provider_unavailable', 502],
  [new TypeError('not of Stripe'), 'payment_provider_unavailable', 502],
])('%s is %s', (error, code, status) => {
  const fault = stripeFault(error);
  expect([fault.code, fault.status]).toEqual([code, status]);
  expect(isPermanent(fault)).toBe(code === 'payment_refused');
  expect(fault.cause instanceof ProviderRefusal).toBe(code === 'payment_refused');
  expect(fault.cause instanceof ProviderMisconfigured).toBe(code === 'payment_misconfigured');
});

const ROUTES: [string, (person: Person, on: TestSidecar) => Promise<Answer>][] = [
  ['/create-payment-intent', (person, on) => buy(person, on, '/create-payment-intent')],
  ['/create-checkout-session', (person, on) => buy(person, on, '/create-checkout-session')],
];
const buy = (person: Person, on: TestSidecar, path: string) =>
  on.post(path, {
    person,
    body: { package_id: 'starter' },
    headers: { 'idempotency-key': crypto.randomUUID() },
  });

test.each(ROUTES)('an address that Stripe refuses is told as that, for good: %s', async (_path, ask) => {
  const person = await sidecar.database.signUp(`a b ${crypto.randomUUID()}@example.com`);
  for (const _time of [1, 2]) {
    const answer = await ask(person, sidecar);
    expect([answer.status, codeOf(answer)]).toEqual([422, 'payment_refused']);
    expect(answer.text).toContain('Change the address');
  }
  await sidecar.database.sql`update users set email = 'a@example.com' where id = ${person.id}`;
  expect((await ask(person, sidecar)).status).toBe(201);
});

test('its job is given up at once, and says what to do', async () => {
  const person = await sidecar.database.signUp(`a b ${crypto.randomUUID()}@example.com`);
  await workJobs(sidecar, 'create_customer', createCustomer);
  const [job] = await sidecar.database.sql`select state, retry_count, output ->> 'reason' as reason
    from pgboss.job where singleton_key = ${`customer:${person.id}`}`;
  expect(job).toMatchObject({ state: 'failed', retry_count: 0 });
  expect(job?.reason).toContain('has to change the e-mail address');
});

test('a key that Stripe does not take is told as our mistake, parks no event, and leaves jobs to be done', async () => {
  const config = { ...sidecar.deps.config, STRIPE_SECRET_KEY: 'sk_test_of_another_account' };
  const stripe = createStripeClient(config);
  const person = await sidecar.database.signUp();
  const { payment_intent_id: intent } = await sidecar.begin(person);
  await sidecar.pay(intent);
  const [event] = await sidecar.events('payment_intent.succeeded');
  const { stripe: kept } = sidecar.deps;
  sidecar.deps.stripe = stripe;
  try {
    const answer = await buy(person, sidecar, '/create-payment-intent');
    expect([answer.status, codeOf(answer)]).toEqual([500, 'payment_misconfigured']);
    for (let i = 0; i < 10; i++) expect((await sidecar.deliver(event as Stripe.Event)).status).toBe(500);
  } finally {
    sidecar.deps.stripe = kept;
  }
  expect((await sidecar.deliver(event as Stripe.Event)).body).toMatchObject({ outcome: 'applied' });
});

test('what a person changes about themselves is changed at Stripe, as it is by then', async () => {
  const person = await sidecar.database.signUp();
  const { sql } = sidecar.database;
  await sql`update users set display_name = 'Ada' where id = ${person.id}`;
  await sidecar.begin(person);
  const atStripe = async () => {
    const [row] = await sql`select stripe_customer_id as id from users where id = ${person.id}`;
    return sidecar.stripe.customers.retrieve(String(row?.id));
  };
  expect(await atStripe()).toMatchObject({ email: person.email, name: 'Ada' });
  for (const [email, name] of [
    ['new@example.com', 'Ada'],
    ['newer@example.com', 'Grace'],
    [person.email, ''],
    [null, ''],
  ] as const) {
    await sql`update auth.users set email = ${email} where id = ${person.id}`;
    await sql`update users set display_name = ${name} where id = ${person.id}`;
    await workJobs(sidecar, 'update_customer', updateCustomer);
    const { email: is, name: called } = (await atStripe()) as Stripe.Customer;
    expect([is || null, called || '']).toEqual([email, name]);
  }
});

test('what was changed while the customer was being made is not lost', async () => {
  const person = await sidecar.database.signUp();
  let isChanged = false;
  sidecar.failStripe(({ method, path }) => {
    if (method === 'POST' && path === '/v1/customers' && !isChanged) {
      isChanged = true;
      return 'drop_answer';
    }
    return undefined;
  });
  const change = (async () => {
    while (!isChanged) await new Promise((resolve) => setTimeout(resolve, 5));
    await sidecar.database.sql`update auth.users set email = 'late@example.com' where id = ${person.id}`;
    await workJobs(sidecar, 'update_customer', updateCustomer);
  })();
  await Promise.all([sidecar.begin(person), change]);
  sidecar.failStripe(() => undefined);
  const found = await sidecar.stripe.customers.list({ email: 'late@example.com' });
  expect(found.data.map(({ metadata }) => metadata.user_id)).toEqual([person.id]);
});
