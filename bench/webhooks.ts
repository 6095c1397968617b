import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import { serverCpuSeconds } from './cpu-time.ts';
import { median, type Result, range } from './results.ts';
import { startGatewayProcess } from './start-gateway-process.ts';
import type { BenchServer } from './start-server.ts';
import { startPlain, startSidecar, WEBHOOK_SECRET, type WebhookServer } from './start-webhook-servers.ts';

/** At once, as after an outage of ours, when Stripe sends what has gathered; and one after the other. */
const CROWD = 32;
const ALONE = 1;
const WARM_UP = 300;

/** For the sidecar against raw Express, and against raw http. */
const GOALS = [2.4, 4];

type Delivery = { body: string; signature: string };

/** Deliveries of events that were never seen, as long as a real one. */
function sign(stripe: Stripe, amount: number): Delivery[] {
  return Array.from({ length: amount }, () => {
    const id = `evt_${randomUUID()}`;
    const intent = { id: `pi_${id}`, object: 'payment_intent', metadata: { padding: 'x'.repeat(1500) } };
    // A type that is stored and not applied: to apply one is mostly to wait for Stripe's own answer.
    const event = {
      id,
      object: 'event',
      type: 'payment_intent.created',
      created: 1,
      data: { object: intent },
    };
    const body = JSON.stringify(event);
    return {
      body,
      signature: stripe.webhooks.generateTestHeaderString({ payload: body, secret: WEBHOOK_SECRET }),
    };
  });
}

async function send(url: string, deliveries: Delivery[], clients: number): Promise<void> {
  const queue = deliveries.values();
  const work = async () => {
    for (const { body, signature } of queue) {
      const headers = { 'content-type': 'application/json', 'stripe-signature': signature };
      const answer = await fetch(url, { method: 'POST', headers, body });
      if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: clients }, work));
}

/** CPU of one request, in microseconds: of the server's own process, and of those behind it. */
type Sample = { own: number; behind: number };

/** What is measured: a server, under a name, with so many deliveries at once. */
type Series = { name: string; server: WebhookServer; clients: number; behind: number[]; samples: Sample[] };

async function takeSample({ server, clients, behind }: Series, deliveries: Delivery[]): Promise<Sample> {
  const look = () => ({
    own: serverCpuSeconds(server.pid),
    behind: behind.reduce((sum, pid) => sum + serverCpuSeconds(pid), 0),
  });
  const before = look();
  await send(server.url, deliveries, clients);
  const after = look();
  const each = 1e6 / deliveries.length;
  return { own: (after.own - before.own) * each, behind: (after.behind - before.behind) * each };
}

const own = (series: Series) => median(series.samples.map((sample) => sample.own));

function ofSidecar(series: Series): Result {
  const behind = median(series.samples.map((sample) => sample.behind)).toFixed(0);
  return {
    name: `webhook: ${series.name}`,
    value: `${own(series).toFixed(0)} us CPU per request`,
    details: `and ${behind} us behind it; ${series.clients} at once`,
  };
}

/** Against the sidecar in a crowd, of the same round: what disturbs the machine disturbs both. */
function ofPlain(series: Series, crowd: Series, goal: number): Result {
  const ratios = series.samples.map(
    (sample, round) => (crowd.samples[round]?.own ?? Number.NaN) / sample.own,
  );
  return {
    name: `webhook: ${series.name}`,
    value: `${own(series).toFixed(0)} us CPU per request`,
    ratio: { median: median(ratios), range: range(ratios), to: 'the sidecar to this' },
    goal: { text: `at most ${goal}x`, met: median(ratios) <= goal },
    details: `${series.clients} at once`,
  };
}

/** What it costs to take a webhook in: CPU, because a webhook has time, and a replica has one core. */
export async function measureWebhooks(
  server: BenchServer,
  options: { rounds: number; requests: number },
  progress: (text: string) => void,
): Promise<Result[]> {
  const stripe = new Stripe('sk_test_of_the_benchmark');
  await using gateway = await startGatewayProcess(server.url);
  const behind = [gateway.pid, server.pid];
  const sidecar = await startSidecar(gateway.url, server.url);
  const [express, http] = [await startPlain('express'), await startPlain('http')];
  const crowd: Series = {
    name: 'verified, stored once, committed',
    server: sidecar,
    clients: CROWD,
    behind,
    samples: [],
  };
  const alone: Series = { ...crowd, name: 'the same, one by one', clients: ALONE, samples: [] };
  const plain = [express, http].map(
    (one): Series => ({ name: one.name, server: one, clients: CROWD, behind: [], samples: [] }),
  );
  try {
    for (const { server: one } of [crowd, ...plain]) await send(one.url, sign(stripe, WARM_UP), CROWD);
    for (let round = 1; round <= options.rounds; round++) {
      for (const series of [crowd, alone, ...plain]) {
        series.samples.push(await takeSample(series, sign(stripe, options.requests)));
      }
      const last = [crowd, alone, ...plain].map(({ samples }) => samples.at(-1)?.own.toFixed(0));
      progress(`webhooks, round ${round} of ${options.rounds}: ${last.join(', ')} us`);
    }
    const bare = plain.map((series, index) => ofPlain(series, crowd, GOALS[index] ?? Number.NaN));
    return [ofSidecar(crowd), ofSidecar(alone), ...bare];
  } finally {
    await Promise.all([sidecar, express, http].map(({ end }) => end()));
  }
}
