import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Fault } from '../../shared/errors.ts';
import { createMetrics } from '../../webhook-server/base/metrics.ts';
import { remember } from '../../webhook-server/base/remember.ts';
import { answerErrors } from '../../webhook-server/http/answer-errors.ts';
import { createGate } from '../../webhook-server/http/gate.ts';
import { logRequests } from '../../webhook-server/http/log-requests.ts';
import { patience } from '../support/patience.ts';
import { type Answer, codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar({ config: { REQUESTS_AT_ONCE: 2 } });
});
afterAll(() => sidecar.close());

/** Something to wait for, and what ends it. */
function held() {
  let end = () => {};
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { done, end };
}

test('so many work, a burst waits its turn, and what is too much is refused early', async () => {
  const gate = createGate(1);
  const first = held();
  const order: number[] = [];
  const work = (n: number) => gate(async () => order.push(n));
  const inside = gate(() => first.done);
  const waiting = [1, 2, 3, 4].map(work);
  // A fifth is more than one who works can be expected to reach in time.
  await expect(work(5)).rejects.toMatchObject({ code: 'overloaded', status: 503 });
  first.end();
  await Promise.all([inside, ...waiting]);
  expect(order).toEqual([1, 2, 3, 4]);
  // Failing gives the place back, too.
  await expect(gate(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  const second = held();
  const again = gate(() => second.done);
  await expect(work(6)).rejects.toMatchObject({ code: 'overloaded' });
  second.end();
  await again;
  await work(7);
  expect(order).toEqual([1, 2, 3, 4, 7]);
});

test('who would be refused anyway is told so before anything is spent on them', async () => {
  const gate = createGate(1);
  gate.refuseIfFull();
  const first = held();
  const inside = [0, 1, 2, 3, 4].map((n) => gate(() => (n === 0 ? first.done : undefined)));
  expect(() => gate.refuseIfFull()).toThrow(expect.objectContaining({ code: 'overloaded' }));
  first.end();
  await Promise.all(inside);
  gate.refuseIfFull();
});

test('what is shed costs no line in the log for each', async () => {
  const lines: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const app = express();
  app.use(logRequests(logger));
  app.get('/shed', () => {
    throw new Fault('overloaded');
  });
  app.get('/broken', () => {
    throw new Error('no');
  });
  app.use(answerErrors(createMetrics()));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const statuses: number[] = [];
  for (const path of ['shed', 'shed', 'shed', 'broken']) {
    statuses.push((await fetch(`http://127.0.0.1:${port}/${path}`)).status);
  }
  server.close();
  expect(statuses).toEqual([503, 503, 503, 500]);
  const told = lines.map((line) => JSON.parse(line));
  expect(told.filter(({ fault }) => fault === 'overloaded')).toMatchObject([{ level: 40, count: 1 }]);
  // Two for what is broken: the error, and the request.
  expect(told).toHaveLength(3);
});

test('while the database is slow, probes, prices and webhooks are answered, some requests are shed, and none waits long', async () => {
  const person = await sidecar.database.signUp();
  await sidecar.get(`/user/${person.id}/settings`, { person });
  await sidecar.get('/pricing');
  await sidecar.get('/health');
  const { sql } = sidecar.database;
  const answers: Answer[] = [];
  await sql.begin(async (holder) => {
    await holder`lock table users in access exclusive mode`;
    const settings = () =>
      sidecar.put(`/user/${person.id}/settings`, { person, body: { memory_enabled: true } });
    const asked = Promise.all(
      Array.from({ length: 20 }, () => settings().then((answer) => answers.push(answer))),
    );
    await vi.waitFor(() => expect(answers).toHaveLength(18), { timeout: patience(4_000) });
    for (const answer of answers) {
      expect([answer.status, codeOf(answer), answer.headers.get('retry-after')]).toEqual([
        503,
        'overloaded',
        '1',
      ]);
    }
    expect(codeOf(await sidecar.get(`/user/${person.id}/settings`, { person }))).toBe('overloaded');
    expect((await sidecar.get('/health')).status).toBe(200);
    expect((await sidecar.get('/pricing')).status).toBe(200);
    expect((await sidecar.post('/webhooks/stripe', { raw: '{}' })).status).toBe(400);
    // What asks Stripe has places of its own: not those that are taken here.
    const unpaid = sidecar.get(`/user/${person.id}/payment-methods`, { person });
    const isShed = await Promise.race([
      unpaid.then((answer) => codeOf(answer) === 'overloaded'),
      sleep(600, false),
    ]);
    expect(isShed).toBe(false);
    void asked;
  });
  await vi.waitFor(() => expect(answers).toHaveLength(20));
  expect(answers.slice(18).map(({ status }) => status)).toEqual([200, 200]);
});

test('who is not known yet does not pile up before the database either', async () => {
  const person = await sidecar.database.signUp();
  const answers: Answer[] = [];
  let asked: Promise<unknown> = Promise.resolve();
  await sidecar.database.sql.begin(async (holder) => {
    await holder`lock table users in access exclusive mode`;
    const settings = () => sidecar.get(`/user/${person.id}/settings`, { person });
    asked = Promise.all(Array.from({ length: 20 }, () => settings().then((answer) => answers.push(answer))));
    await vi.waitFor(() => expect(answers).toHaveLength(18), { timeout: patience(4_000) });
    expect(new Set(answers.map(codeOf))).toEqual(new Set(['overloaded']));
  });
  await asked;
});

test('what is remembered is read once at a time, given again while it is young, and for a while when the source fails', async () => {
  let reads = 0;
  let source: () => Promise<number> = async () => reads;
  const ages = { freshMs: 40, staleMs: 10_000, patienceMs: 20 };
  const read = remember(() => {
    reads++;
    return source();
  }, ages);
  expect(await Promise.all([read(), read(), read()])).toEqual([1, 1, 1]);
  expect([await read(), reads]).toEqual([1, 1]);
  await sleep(60);
  expect([await read(), reads]).toEqual([2, 2]);
  source = () => Promise.reject(new Error('away'));
  await sleep(60);
  expect(await read()).toBe(2);
  const never = held();
  source = () => never.done.then(() => 99);
  await sleep(60);
  expect(await read()).toBe(2);
  const nothingKnown = remember(() => Promise.reject(new Error('away')), ages);
  await expect(nothingKnown()).rejects.toThrow('away');
});
