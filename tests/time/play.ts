import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { PRICES } from './bank.ts';
import type { Operation } from './operations.ts';
import { giveTime, lapse } from './people.ts';
import { type Call, type Card, endCard, noteCharge, noteUse, refundedCents, type World } from './world.ts';

type Of<Name extends Operation['do']> = Extract<Operation, { do: Name }>;
const personOf = (world: World, index: number): string => world.people[index] ?? '';

async function pay(world: World, card: Card): Promise<void> {
  const paid = { purchaseId: card.id, intentId: `pi_${card.id}`, cents: PRICES.starter, code: card.id };
  expect((await world.bank.pay(paid)).status).toBe(card.paid ? 'already_applied' : 'applied');
  card.paid = true;
}

async function buy(world: World, { person, gift, paid }: Of<'buy'>): Promise<void> {
  const id = await world.bank.begin(personOf(world, person), 'starter', gift ? 'gift' : 'me');
  await world.bank.attach(id, `pi_${id}`);
  const card = {
    id,
    sold: true,
    buyer: personOf(world, person),
    paid: false,
    refunds: [],
    expired: false,
    mayExpire: 0,
  };
  world.cards.push(card);
  if (paid) await pay(world, card);
}

const TRIAL_SECONDS = 60;

/** Free minutes are given to who is new, and once. */
async function claimTrial(world: World, { person }: Of<'trial'>): Promise<void> {
  const userId = personOf(world, person);
  const had = world.trials.get(userId);
  const isNew = !world.cards.some((card) => card.buyer === userId && card.paid);
  const { status, card_id, replayed } = await world.bank.claimTrial(userId, TRIAL_SECONDS);
  if (had !== undefined) expect([status, card_id, replayed]).toEqual(['granted', had, true]);
  else expect(status).toBe(isNew && world.usedSeconds.get(userId) === 0 ? 'granted' : 'not_new');
  if (had !== undefined || status !== 'granted') return;
  const id = String(card_id);
  world.trials.set(userId, id);
  world.cards.push({ id, sold: false, paid: true, refunds: [], expired: false, mayExpire: 0 });
}

async function refund(world: World, card: Card, tenths: number): Promise<void> {
  const cents = Math.floor((PRICES.starter * tenths) / 10);
  const more = cents - refundedCents(card);
  const { status } = await world.bank.refund(`pi_${card.id}`, cents);
  expect(status).toBe(more > 0 ? 'applied' : 'already_applied');
  if (more > 0) card.refunds.push(more);
}

async function failRefund(world: World, card: Card): Promise<void> {
  const before = refundedCents(card);
  await world.bank.failRefund(`pi_${card.id}`);
  const [row] = await world.sql<{ cents: number }[]>`
    select refunded_cents as cents from public.purchases where id = ${card.id}`;
  if (row?.cents !== before) card.refunds.pop();
  expect(row?.cents).toBe(refundedCents(card));
}

const RANK = { open: 0, lost: 1, won: 2 };

async function dispute(world: World, card: Card, { status, tenths }: Of<'dispute'>): Promise<void> {
  const cents = card.dispute?.cents ?? Math.floor((PRICES.starter * tenths) / 10);
  const known = card.dispute;
  const answer = await world.bank.dispute(`pi_${card.id}`, status, cents);
  if (known === undefined) {
    // One that was won before it was heard of changes nothing.
    expect(answer.status).toBe(status === 'won' ? 'already_applied' : 'applied');
  } else {
    expect(answer.status).toBe(RANK[status] > RANK[known.status] ? 'applied' : 'already_applied');
  }
  if (known === undefined || RANK[status] > RANK[known.status]) card.dispute = { status, cents };
}

async function touchCard(
  world: World,
  operation: Of<'pay' | 'refund' | 'failRefund' | 'dispute' | 'activate' | 'expire'>,
): Promise<void> {
  const card = world.cards.at(-1 - (operation.card % Math.max(1, world.cards.length)));
  if (card === undefined) return;
  if (operation.do === 'expire') return endCard(world, card);
  if (!card.sold) return;
  if (operation.do === 'pay') return pay(world, card);
  if (operation.do === 'refund') return refund(world, card, operation.tenths);
  if (operation.do === 'failRefund') return failRefund(world, card);
  if (operation.do === 'dispute') return dispute(world, card, operation);
  await world.bank.activate(personOf(world, operation.person), card.id);
}

async function open(world: World, operation: Of<'open'>): Promise<void> {
  const userId = personOf(world, operation.person);
  const known = world.calls.get(operation.call);
  const id = known?.id ?? randomUUID();
  const answer = await world.bank.open(userId, { callId: id, max: 3 });
  if (known === undefined) {
    expect(['open', 'no_time_left', 'too_many_calls']).toContain(answer.status);
  } else if (known.userId !== userId) {
    expect(answer.status).toBe('call_mismatch');
  } else if (known.chargedSeconds !== undefined) {
    expect(answer.status).toBe('call_settled');
    world.calls.delete(operation.call);
  } else {
    expect(answer).toMatchObject({ status: 'open', epoch: known.epoch + 1 });
  }
  if (answer.status !== 'open') return;
  const call: Call = known ?? { id, userId, epoch: 1, grantedSeconds: 0, usedMs: 0, reportedMs: 0 };
  world.calls.set(operation.call, call);
  call.epoch = answer.epoch ?? Number.NaN;
  call.grantedSeconds = answer.granted_seconds ?? Number.NaN;
}

async function report(world: World, operation: Of<'renew' | 'settle'>): Promise<void> {
  const call = world.calls.get(operation.call);
  if (call === undefined) return;
  call.usedMs += operation.advanceMs;
  const epoch = operation.stale ? call.epoch - 1 : call.epoch;
  const renews = operation.do === 'renew';
  const answer = await world.bank[operation.do](call.id, epoch, call.usedMs);
  if (operation.stale) {
    expect(answer.status).toBe('fenced');
  } else if (call.chargedSeconds !== undefined) {
    expect(answer.status).toBe(renews ? 'call_settled' : 'settled');
  } else {
    // What the grant did not cover was not served: the worker stops its own clock there.
    call.usedMs = Math.min(call.usedMs, call.grantedSeconds * 1000);
    call.reportedMs = Math.max(call.reportedMs, call.usedMs);
    if (!renews) return noteCharge(world, call, answer.receipt?.charged_seconds);
    expect(answer).toMatchObject({ status: 'renewed', used_ms: call.reportedMs });
    // What it may still get lies on cards that have not ended.
    expect(answer.free_seconds).toBeLessThanOrEqual(await world.bank.balance(call.userId));
    call.grantedSeconds = answer.granted_seconds ?? Number.NaN;
  }
}

async function reap(world: World): Promise<void> {
  for (const id of await world.bank.reap()) {
    const [row] = await world.sql<{ charged: number }[]>`
      select charged_seconds as charged from public.voice_sessions where id = ${id}`;
    const call = [...world.calls.values()].find((one) => one.id === id);
    if (call !== undefined) noteCharge(world, call, row?.charged);
  }
}

async function deduct(world: World, operation: Of<'deduct'>): Promise<void> {
  const userId = personOf(world, operation.person);
  const key = `${userId}:${operation.key}`;
  const { status } = await world.bank.deduct(userId, operation.minutes, key);
  if (world.deductionKeys.has(key)) {
    expect(status).toBe('already_deducted');
  } else if (status === 'deducted') {
    world.deductionKeys.add(key);
    noteUse(world, userId, operation.minutes * 60);
  } else {
    expect(status).toBe('not_enough_time');
  }
}

/** Does one operation, and checks its answer against what the test knows. */
export async function play(world: World, operation: Operation): Promise<void> {
  switch (operation.do) {
    case 'buy':
      return buy(world, operation);
    case 'give': {
      const id = await giveTime(world.sql, personOf(world, operation.person), operation.seconds);
      world.cards.push({ id, sold: false, paid: true, refunds: [], expired: false, mayExpire: 0 });
      return;
    }
    case 'trial':
      return claimTrial(world, operation);
    case 'open':
      return open(world, operation);
    case 'renew':
    case 'settle':
      return report(world, operation);
    case 'lapse':
      return lapse(world.sql, world.calls.get(operation.call)?.id ?? randomUUID());
    case 'deduct':
      return deduct(world, operation);
    case 'reap':
      return reap(world);
    case 'sweep':
      await world.bank.sweep();
      return;
    default:
      return touchCard(world, operation);
  }
}
