import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { times } from '../support/long-run.ts';
import { SIDECAR_KEYS, until } from '../support/sidecar.ts';
import { createReplayScene, type Scene } from './replay-scene.ts';
import { seeded, shuffled } from './shuffle.ts';

const ORDERS = Number(process.env.REPLAY_KILL_ORDERS || times(1, 2));
const KILLS_PER_ORDER = 4;
const SEED = Number(process.env.REPLAY_SEED || 20261120);
const AT_ONCE = 8;

let scene: Scene;
let expected: string;
let child: ChildProcess | undefined;
let url: string;
beforeAll(async () => {
  scene = await createReplayScene();
  for (const event of scene.events) await scene.sidecar.deliver(event);
  expected = await scene.books();
});
afterEach(() => void child?.kill('SIGKILL'));
afterAll(() => scene.close());

async function start(): Promise<void> {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  child = spawn(process.execPath, ['webhook-server/main.ts'], {
    env: {
      PATH: process.env.PATH,
      ...scene.sidecar.variables,
      LOG_LEVEL: 'silent',
      SIDECAR_PORT: String(port),
    },
    stdio: 'ignore',
  });
  await until(async () => (await fetch(`${url}/pricing`).catch(() => undefined))?.status === 200);
}

async function kill(): Promise<void> {
  if (child === undefined) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** True when the sidecar said that it has the event. */
async function send(event: Stripe.Event): Promise<boolean> {
  const payload = JSON.stringify(event);
  const { webhooks } = scene.sidecar.stripe;
  const signature = webhooks.generateTestHeaderString({ payload, secret: SIDECAR_KEYS.webhookSecret });
  const headers = { 'stripe-signature': signature };
  const answer = await fetch(`${url}/webhooks/stripe`, { method: 'POST', body: payload, headers }).catch(
    () => undefined,
  );
  return answer?.status === 200;
}

/** Sends a part of the events and kills the sidecar in the middle of it. @returns what it did not acknowledge */
async function sendAndKill(events: Stripe.Event[], random: () => number): Promise<Stripe.Event[]> {
  const left: Stripe.Event[] = [];
  const part = Math.floor(random() * events.length);
  for (let at = 0; at < events.length; at += AT_ONCE) {
    const batch = events.slice(at, at + AT_ONCE);
    const sent = Promise.all(batch.map(send));
    if (at <= part && part < at + AT_ONCE) {
      await new Promise((resolve) => setTimeout(resolve, random() * 40));
      await kill();
      // What was under way is sent again, whether it was acknowledged or not.
      left.push(...events.slice(at));
      await sent;
      return left;
    }
    const answers = await sent;
    left.push(...batch.filter((_event, index) => answers[index] !== true));
  }
  return left;
}

test(
  'killed in the middle again and again, it ends in the same state',
  async () => {
    for (let order = 0; order < ORDERS; order++) {
      await scene.reset();
      const random = seeded(SEED + order);
      let left = shuffled([...scene.events, ...scene.events], random);
      for (let kills = 0; kills < KILLS_PER_ORDER; kills++) {
        await start();
        left = await sendAndKill(left, random);
      }
      await start();
      while (left.length > 0) {
        const answers = await Promise.all(left.slice(0, AT_ONCE).map(send));
        expect(answers).not.toContain(false);
        left = left.slice(AT_ONCE);
      }
      await until(async () => (await scene.books()) === expected);
      await scene.sidecar.expectSound();
      await kill();
    }
    console.log(
      `replay: ${ORDERS} random orders with ${KILLS_PER_ORDER} times kill -9 in each, from seed ${SEED}`,
    );
  },
  ORDERS * 60_000,
);
