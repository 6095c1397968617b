import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parametersOf } from '../../local/stripe/description/declarations.ts';
import { routes } from '../../local/stripe/routes.ts';
import { clientOf, SECRET_KEY, send, startForTest } from '../stripe-stand-in/harness.ts';
import { compare, differences, type Played, playSteps, shapeOf } from './play.ts';

/** Of a preview (https://docs.stripe.com/payments/machine/mpp): the pinned declarations do not have it, and stock clients of MPP send it. */
const GRANTED_TOKENS = '/v1/test_helpers/shared_payment/granted_tokens';
const isPreview = (path: string, name?: string) =>
  path === GRANTED_TOKENS || (path === '/v1/payment_intents' && name === 'shared_payment_granted_token');

const modelled = routes.flatMap(({ method, path, params }) =>
  params
    // Stripe.js sends the client secret, which the calls of servers do not have.
    .filter((name) => name !== 'client_secret' && !isPreview(path, name))
    .map((name) => [method, path, name] as const),
);

test.each(modelled)('%s %s: Stripe has the parameter %s', (method, path, name) => {
  expect([...(parametersOf(method, path)?.fields.keys() ?? [])]).toContain(name);
});

test('every route is a call that Stripe has', () => {
  const unknown = routes.filter(
    ({ method, path }) => parametersOf(method, path) === undefined && !isPreview(path),
  );
  expect(unknown.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  expect(parametersOf('POST', '/v1/charges/:id/undo')).toBeUndefined();
  expect(parametersOf('GET', '/v1/nothings')).toBeUndefined();
});

test.each([
  ['/v1/payment_intents', 'on_behalf_of=x', 'Stripe knows the parameter on_behalf_of, but'],
  ['/v1/payment_intents', 'on_behalf_off=x', 'Received unknown parameter: on_behalf_off'],
  ['/v1/customers', 'invoice_settings[footer]=x', 'Stripe knows the parameter invoice_settings[footer], but'],
  ['/v1/customers', 'invoice_settings[foot]=x', 'Received unknown parameter: invoice_settings[foot]'],
  ['/v1/customers', 'validate=1&nick=x', 'Stripe knows the parameter validate, but'],
  ['/v1/webhook_endpoints', 'url=https://a.example&nick=x&name=y', 'Received unknown parameters: nick, name'],
])('a parameter that is not taken is refused by name, and why: %s?%s', async (path, query, words) => {
  const standIn = await startForTest();
  const form = Object.fromEntries(new URLSearchParams(query));
  const { status, body } = await send(standIn, 'POST', path, { key: SECRET_KEY, form });
  expect([status, body.error?.code]).toEqual([400, 'parameter_unknown']);
  expect(body.error?.message).toContain(words);
});

test('the sequence ends at the stand-in as it should, and twice the same', async () => {
  const play = async () => playSteps(clientOf(await startForTest({ settleAfterMs: 10 })));
  const first = await play();
  const ends = first.map(({ step, code }) => [step.name, code]);
  expect(ends).toEqual(first.map(({ step }) => [step.name, step.refused ?? null]));
  expect(compare(first, await play())).toEqual([]);
});

test('without a key the command says that Stripe was not asked, and how', async () => {
  const { STRIPE_CONTRACT_KEY: _key, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, ['tests/stripe-contract/run.ts'], { env });
  expect(stdout).toMatch(/^Stripe itself was not asked: set STRIPE_CONTRACT_KEY/m);
  const live = promisify(execFile)(process.execPath, ['tests/stripe-contract/run.ts'], {
    env: { ...env, STRIPE_CONTRACT_KEY: 'sk_live_contract' },
  });
  await expect(live).rejects.toThrow('must be a secret key of test mode');
});

test('differences in fields, types, codes and words are told apart', () => {
  const ours = shapeOf({
    id: 'a',
    amount: 1,
    note: null,
    card: { last4: '4242' },
    data: [{ a: null }, { a: 1 }],
  });
  const theirs = shapeOf({ id: 'b', amount: '1', note: 'n', card: { last4: '1', brand: 'visa' }, data: [] });
  expect(differences(ours, theirs)).toEqual([
    'amount: number in the stand-in, string at Stripe',
    'card.brand: missing in the stand-in (string)',
  ]);
  expect(ours.get('data[].a')).toBe('number');
  const step = { name: 'a step', run: async () => ({}) };
  const played = (code: string | null, words: string): Played => ({ step, code, words, shape: new Map() });
  expect(compare([played(null, '')], [played('card_declined', 'No.')])).toEqual([
    'a step: done by the stand-in, refused (card_declined) by Stripe',
    'a step: the stand-in says “”, Stripe “No.”',
  ]);
});
