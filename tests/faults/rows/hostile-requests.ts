import fc from 'fast-check';
import type Stripe from 'stripe';
import { audit } from '../call-books.ts';
import { defineRow } from '../define-row.ts';
import type { Findings } from '../findings.ts';
import { type Attack, attack } from '../hostile/attacks.ts';
import { strike } from '../hostile/strike.ts';
import { openSidecarBench, type SidecarBench } from '../sidecar-bench.ts';

type Plan = Attack[];

const TABLES = ['grants', 'ledger', 'purchases', 'stripe_events', 'calls', 'activation_attempts'];

async function rows(bench: SidecarBench): Promise<string> {
  const counts = TABLES.map((name) => `(select count(*) from public.${name})`);
  const [row] = await bench.sql.unsafe(`select concat_ws(',', ${counts.join(', ')}) as counts`);
  return String(row?.counts);
}

async function play(bench: SidecarBench, attacks: Plan, findings: Findings): Promise<void> {
  const [own, other] = [await bench.person(), await bench.person()];
  // A payment that is real, and whose event nobody has told yet.
  const intentId = await bench.pay(other, 'starter', 'me');
  const [event] = await bench.eventsOf(intentId);
  if (event === undefined) throw new Error('the payment has no event');
  const before = await rows(bench);
  for (const one of attacks) {
    const { status } = await strike(bench, own, other, event, one);
    const words = JSON.stringify(one).slice(0, 200);
    findings.expect(status >= 400 && status < 500, `${words} was answered ${status}`);
  }
  const after = await rows(bench);
  findings.expect(after === before, `rows before: ${before}; after: ${after}`);
  await audit(findings, bench.sql);
}

/** A sidecar that believes every webhook. */
function believing(stripe: Stripe): Stripe {
  const webhooks = {
    ...stripe.webhooks,
    signature: { verifyHeader: () => true },
  };
  return new Proxy(stripe, {
    get: (target, key) => (key === 'webhooks' ? webhooks : (Reflect.get(target, key) as unknown)),
  });
}

export const hostileRequests = defineRow<Plan>({
  number: 13,
  name: 'hostile',
  title: 'hostile requests',
  cases: { short: 6, long: 200 },
  atOnce: 1,
  plan: fc.array(attack, { minLength: 10, maxLength: 10 }),
  async open(world, sabotage) {
    const bench = await openSidecarBench(world, sabotage);
    if (sabotage?.variant === 'believes webhooks')
      bench.sidecar.deps.stripe = believing(bench.sidecar.stripe);
    return { play: (one, findings) => play(bench, one, findings), close: bench.close };
  },
  controls: [{ name: 'the signature of a webhook is not checked', variant: 'believes webhooks' }],
});
