import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import { serverCpuSeconds } from './cpu-time.ts';
import { median, type Result, range } from './results.ts';
import { startGatewayProcess } from './start-gateway-process.ts';
import type { BenchServer } from './start-server.ts';
import { startPlain, startSidecar, WEBHOOK_SECRET, type WebhookServer } from './start-webhook-servers.ts';

/** At once, as Stripe sends them. */
const CONCURRENCY = 8;
const WARM_UP = 300;

const GOALS: Record<string, number> = { 'raw express, verifies only': 2.4, 'raw http, verifies only': 4 };

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

async function send(url: string, deliveries: Delivery[]): Promise<void> {
  const queue = deliveries.values();
  const work = async () => {
    for (const { body, signature } of queue) {
      const headers = { 'content-type': 'application/json', 'stripe-signature': signature };
      const answer = await fetch(url, { method: 'POST', headers, body });
      if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
}

/** CPU of one request, in microseconds: of the server's own process, and of those behind it. */
type Sample = { own: number; behind: number };

async function takeSample(server: WebhookServer, behind: number[], deliveries: Delivery[]): Promise<Sample> {
  const look = () => ({
    own: serverCpuSeconds(server.pid),
    behind: behind.reduce((sum, pid) => sum + serverCpuSeconds(pid), 0),
  });
  const before = look();
  await send(server.url, deliveries);
  const after = look();
  const each = 1e6 / deliveries.length;
  return { own: (after.own - before.own) * each, behind: (after.behind - before.behind) * each };
}

function toResult(name: string, samples: ReadonlyMap<string, Sample[]>): Result {
  const mine = samples.get(name) ?? [];
  const sidecar = samples.get('the sidecar') ?? [];
  const value = `${median(mine.map(({ own }) => own)).toFixed(0)} us CPU per request`;
  const goal = GOALS[name];
  if (goal === undefined) {
    const behind = median(mine.map((one) => one.behind)).toFixed(0);
    return {
      name: 'webhook: verified, stored once, committed',
      value,
      details: `and ${behind} us behind it`,
    };
  }
  // Of the same round: what disturbs the machine disturbs both.
  const ratios = mine.map(({ own }, round) => (sidecar[round]?.own ?? Number.NaN) / own);
  return {
    name: `webhook: ${name}`,
    value,
    ratio: { median: median(ratios), range: range(ratios), to: 'the sidecar to this' },
    goal: { text: `at most ${goal}x`, met: median(ratios) <= goal },
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
  const servers = [await startSidecar(gateway.url), await startPlain('express'), await startPlain('http')];
  try {
    for (const one of servers) await send(one.url, sign(stripe, WARM_UP));
    const samples = new Map<string, Sample[]>(servers.map(({ name }) => [name, []]));
    for (let round = 1; round <= options.rounds; round++) {
      for (const one of servers) {
        const behind = one.name === 'the sidecar' ? [gateway.pid, server.pid] : [];
        samples.get(one.name)?.push(await takeSample(one, behind, sign(stripe, options.requests)));
      }
      const last = servers.map(({ name }) => samples.get(name)?.at(-1)?.own.toFixed(0));
      progress(`webhooks, round ${round} of ${options.rounds}: ${last.join(', ')} us`);
    }
    return servers.map(({ name }) => toResult(name, samples));
  } finally {
    await Promise.all(servers.map(({ end }) => end()));
  }
}
