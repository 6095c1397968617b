import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { expect } from 'vitest';
import { type Answer, type Bank, createBank, overSql, PRICES } from './bank.ts';
import type { Operation } from './operations.ts';
import { accountOf, addPerson, expireCard, giveTime, lapse, violations } from './people.ts';

const STARTER_SECONDS = 3600;

type Call = { id: string; epoch: number; granted: number; usedMs: number; reportedMs: number; charged?: number };
type Card = { id: string; sold: boolean; paid: boolean; gift: boolean; refundedCents: number; expired: boolean };

/** Plays operations against the database, and beside it keeps the little that must be true whatever happens. */
export class World {
  readonly #sql: postgres.ISql;
  readonly #bank: Bank;
  readonly #people: string[];
  readonly #calls = new Map<number, Call>();
  readonly #callers = new Map<number, string>();
  readonly #cards: Card[] = [];
  readonly #deducted = new Map<string, number>();

  private constructor(sql: postgres.ISql, people: string[]) {
    this.#sql = sql;
    this.#bank = createBank(overSql(sql));
    this.#people = people;
  }

  static async create(sql: postgres.ISql): Promise<World> {
    return new World(sql, [await addPerson(sql), await addPerson(sql)]);
  }

  async play(operation: Operation): Promise<void> {
    await this.#act(operation);
    expect(await violations(this.#sql)).toEqual([]);
    await this.#checkLedger();
  }

  #person(index: number): string {
    return this.#people[index] ?? '';
  }

  /** A card by number, counting round; undefined while there is none. */
  #card(index: number): Card | undefined {
    return this.#cards[index % Math.max(1, this.#cards.length)];
  }

  async #act(operation: Operation): Promise<unknown> {
    switch (operation.do) {
      case 'buy':
        return this.#buy(operation);
      case 'give':
        return this.#give(operation);
      case 'open':
        return this.#open(operation);
      case 'renew':
      case 'settle':
        return this.#report(operation);
      case 'deduct':
        return this.#deduct(operation);
      case 'reap':
        return this.#reap();
      case 'sweep':
        return this.#bank.sweep();
      case 'lapse':
        return lapse(this.#sql, this.#calls.get(operation.call)?.id ?? randomUUID());
      default:
        return this.#touchCard(operation);
    }
  }

  async #buy({ person, gift, paid }: Extract<Operation, { do: 'buy' }>): Promise<void> {
    const id = await this.#bank.begin(this.#person(person), 'starter', gift ? 'gift' : 'me');
    await this.#bank.attach(id, `pi_${id}`);
    const card = { id, sold: true, paid: false, gift, refundedCents: 0, expired: false };
    this.#cards.push(card);
    if (paid) await this.#pay(card);
  }

  async #pay(card: Card): Promise<void> {
    const paid = { purchaseId: card.id, intentId: `pi_${card.id}`, cents: PRICES.starter, code: card.id };
    const answer = await this.#bank.pay(paid);
    expect(answer.status).toBe(card.paid ? 'already_applied' : 'applied');
    card.paid = true;
  }

  async #give({ person, seconds }: Extract<Operation, { do: 'give' }>): Promise<void> {
    const id = await giveTime(this.#sql, this.#person(person), seconds);
    this.#cards.push({ id, sold: false, paid: true, gift: false, refundedCents: 0, expired: false });
  }

  async #touchCard(operation: Extract<Operation, { card: number }>): Promise<void> {
    const card = this.#card(operation.card);
    if (card === undefined) return;
    if (operation.do === 'expire') {
      card.expired = true;
      await this.#sql`select from public.time_cards where id = ${card.id} and status = 'active'`.then((rows) =>
        rows.length > 0 ? expireCard(this.#sql, card.id) : undefined,
      );
    } else if (card.sold && operation.do === 'pay') {
      await this.#pay(card);
    } else if (card.sold && operation.do === 'activate') {
      await this.#bank.activate(this.#person(operation.person), card.id);
    } else if (card.sold && operation.do === 'refund') {
      const cents = Math.floor((PRICES.starter * operation.tenths) / 10);
      const { status } = await this.#bank.refund(`pi_${card.id}`, cents);
      expect(status).toBe(cents > card.refundedCents ? 'applied' : 'already_applied');
      card.refundedCents = Math.max(card.refundedCents, cents);
    }
  }

  async #open({ person, call: index }: Extract<Operation, { do: 'open' }>): Promise<void> {
    const known = this.#calls.get(index);
    const id = known?.id ?? randomUUID();
    const answer = await this.#bank.open(this.#person(person), { callId: id, room: `${id}`, max: 3 });
    if (known !== undefined && this.#callers.get(index) !== this.#person(person)) {
      expect(answer.status).toBe('call_mismatch');
    } else if (known?.charged !== undefined) {
      expect(answer.status).toBe('call_settled');
      this.#calls.delete(index);
    } else if (known !== undefined) {
      expect(answer).toMatchObject({ status: 'open', epoch: known.epoch + 1 });
      this.#granted(known, answer);
    } else if (answer.status === 'open') {
      const call: Call = { id, epoch: 1, granted: 0, usedMs: 0, reportedMs: 0 };
      this.#calls.set(index, call);
      this.#callers.set(index, this.#person(person));
      this.#granted(call, answer);
    }
  }

  #granted(call: Call, answer: Answer): void {
    call.epoch = answer.epoch ?? Number.NaN;
    call.granted = answer.granted_seconds ?? Number.NaN;
  }

  async #report(operation: Extract<Operation, { advanceMs: number }>): Promise<void> {
    const call = this.#calls.get(operation.call);
    if (call === undefined) return;
    call.usedMs += operation.advanceMs;
    const epoch = operation.stale ? call.epoch - 1 : call.epoch;
    const ask = operation.do === 'renew' ? this.#bank.renew : this.#bank.settle;
    const answer = await ask(call.id, epoch, call.usedMs);
    if (operation.stale) {
      expect(answer.status).toBe('fenced');
    } else if (call.charged !== undefined) {
      expect(answer.status).toBe(operation.do === 'renew' ? 'call_settled' : 'settled');
    } else {
      call.reportedMs = Math.max(call.reportedMs, call.usedMs);
      if (operation.do === 'renew') this.#granted(call, answer);
      else this.#charged(call, answer.receipt?.charged_seconds);
    }
  }

  /** The promise: whole seconds of what was reported and granted, rounded down. */
  #charged(call: Call, charged: number | undefined): void {
    expect(charged).toBe(Math.floor(Math.min(call.reportedMs, call.granted * 1000) / 1000));
    call.charged = charged ?? 0;
  }

  async #reap(): Promise<void> {
    for (const id of await this.#bank.reap()) {
      const call = [...this.#calls.values()].find((one) => one.id === id);
      const [row] = await this.#sql`select charged_seconds from public.voice_sessions where id = ${id}`;
      if (call) this.#charged(call, row?.charged_seconds);
    }
  }

  async #deduct({ person, minutes, key }: Extract<Operation, { do: 'deduct' }>): Promise<void> {
    const name = `${person}:${key}`;
    const { status } = await this.#bank.deduct(this.#person(person), minutes, name);
    if (this.#deducted.has(name)) expect(status).toBe('already_deducted');
    else if (status === 'deducted') this.#deducted.set(name, minutes * 60);
    else expect(status).toBe('not_enough_time');
  }
}
