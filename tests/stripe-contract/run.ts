import Stripe from 'stripe';
import { startStripeStandIn } from '../../local/stripe/server.ts';
import { compare, playSteps } from './play.ts';
import { askStripeMock } from './stripe-mock.ts';

const STAND_IN_KEY = 'sk_test_contractStandIn';

/** @throws when a key is given that is not for test mode: the sequence pays, refunds and deletes. */
function stripeItself(): Stripe | undefined {
  const key = process.env.STRIPE_CONTRACT_KEY ?? '';
  if (key === '') return undefined;
  if (!key.startsWith('sk_test_')) throw new Error('STRIPE_CONTRACT_KEY must be a secret key of test mode');
  return new Stripe(key, { telemetry: false });
}

const stripe = stripeItself();
const server = await startStripeStandIn({
  secretKey: STAND_IN_KEY,
  publishableKey: 'pk_test_contractStandIn',
  databaseFile: ':memory:',
  settleAfterMs: 100,
});
try {
  const { port } = server;
  const standIn = new Stripe(STAND_IN_KEY, { host: '127.0.0.1', port, protocol: 'http', telemetry: false });
  const ours = await playSteps(standIn);
  const wrong = ours.filter(({ step, code }) => code !== (step.refused ?? null));
  for (const { step, code } of wrong) console.log(`${step.name}: answered ${code ?? 'done'}`);
  console.log(`Fields and parameters are those that stripe-node ${Stripe.PACKAGE_VERSION} declares.`);
  console.log(`${ours.length - wrong.length} of ${ours.length} calls end at the stand-in as expected.`);
  if (process.argv.includes('mock')) {
    const mock = await askStripeMock();
    if (mock === undefined) console.log("Stripe's own mock was not asked: there is no Go to build it with.");
    else {
      for (const line of [...mock.requests, ...mock.fields]) console.log(`stripe-mock: ${line}`);
      console.log(`stripe-mock takes and refuses all but ${mock.requests.length} of the calls as expected.`);
      if (mock.requests.length > 0) process.exitCode = 1;
    }
  } else console.log("Stripe's own mock was not asked: npm run contract -- mock (with Go; downloads it).");
  if (stripe === undefined) {
    console.log(
      'Stripe itself was not asked: set STRIPE_CONTRACT_KEY to a secret test key (sk_test_...) to compare.',
    );
  } else {
    const found = compare(ours, await playSteps(stripe));
    for (const line of found) console.log(line);
    console.log(`${found.length} differences between the stand-in and Stripe.`);
    if (found.length > 0) process.exitCode = 1;
  }
  if (wrong.length > 0) process.exitCode = 1;
} finally {
  await server.close();
}
