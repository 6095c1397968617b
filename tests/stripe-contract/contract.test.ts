import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { routes } from '../../local/stripe/routes.ts';
import { clientOf, startForTest } from '../stripe-stand-in/harness.ts';
import { DECLARED } from './declared-params.ts';
import { compare, type Played, playSteps } from './play.ts';
import { differences, shapeOf } from './shape.ts';
import { paramsOf } from './stripe-node-params.ts';

const ofServers = routes.filter(({ keyKind }) => keyKind === 'secret');

test.each(DECLARED)(
  '%s takes or refuses by name every parameter that Stripe has, and no other',
  (name, file, declaration) => {
    const route = ofServers.find(({ method, path }) => `${method} ${path}` === name);
    expect([...(route?.params ?? []), ...(route?.notModelled ?? [])].sort()).toEqual(
      paramsOf(file, declaration),
    );
  },
);

test('no route with parameters is left out of that', () => {
  const checked = new Set(DECLARED.map(([name]) => name));
  const unchecked = ofServers.filter(
    ({ method, path, params }) => params.length > 0 && !checked.has(`${method} ${path}`),
  );
  expect(unchecked.map(({ path }) => path)).toEqual([]);
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
