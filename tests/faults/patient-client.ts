import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import { type Bank, createBank, overSql, PRICES } from '../time/bank.ts';
import type { Findings } from './findings.ts';

/** The connection broke before anything was sent, or the server said that it is not up yet. */
const NEVER_SENT = ['ECONNREFUSED', 'CONNECT_TIMEOUT', '57P03'];
/** The connection broke while an answer was due: it may be committed or not. */
const UNKNOWN = [
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'ECONNRESET',
  'EPIPE',
  '57P01',
  '57P02',
];
const PAUSE_MS = 30;

export type Deed = 'call' | 'buy' | 'gift' | 'deduct';
type Answer = { status: string };

/** What was acknowledged to one person, and must be in the books for ever. */
export type Journal = {
  userId: string;
  boughtCards: string[];
  usedSeconds: number;
  calls: Map<string, number>;
};

/** A client that repeats each request until it is acknowledged, as the product does, and keeps count. */
export class PatientClient {
  readonly journal: Journal;
  readonly #bank: Bank;
  readonly #findings: Findings;

  constructor(sql: postgres.Sql, userId: string, findings: Findings) {
    this.#bank = createBank(overSql(sql));
    this.#findings = findings;
    this.journal = { userId, boughtCards: [], usedSeconds: 0, calls: new Map() };
  }

  async do(deed: Deed, size: number): Promise<void> {
    if (deed === 'call') return this.#call(size);
    if (deed === 'deduct') return this.#deduct(1 + (size % 3));
    await this.#buy(deed === 'buy' ? 'me' : 'gift');
  }

  async #ask<Result>(ask: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : '';
        if (UNKNOWN.includes(code)) this.#findings.ambiguousCommits++;
        else if (!NEVER_SENT.includes(code)) throw error;
        await sleep(PAUSE_MS);
      }
    }
  }

  async #expect<Result extends Answer>(
    what: string,
    expected: string[],
    ask: () => Promise<Result>,
  ): Promise<Result> {
    const answer = await this.#ask(ask);
    this.#findings.expect(expected.includes(answer.status), `${what} was answered ${answer.status}`);
    return answer;
  }

  async #call(size: number): Promise<void> {
    const callId = randomUUID();
    const { userId } = this.journal;
    const opened = await this.#expect('an opening', ['open'], () => this.#bank.open(userId, { callId }));
    // An opening that is repeated is a take-over, and the last epoch counts.
    const epoch = opened.epoch ?? 0;
    let usedMs = 0;
    for (let report = 0; report < 3; report++) {
      usedMs += 1 + ((size * 37 + report * 911) % 14_000);
      const renewed = await this.#expect('a renewal', ['renewed'], () =>
        this.#bank.renew(callId, epoch, usedMs),
      );
      this.#findings.expect(renewed.used_ms === usedMs, `${renewed.used_ms} ms noted, ${usedMs} ms reported`);
    }
    const settled = await this.#expect('a settlement', ['settled'], () =>
      this.#bank.settle(callId, epoch, usedMs),
    );
    const due = Math.floor(usedMs / 1000);
    this.#findings.expect(
      settled.receipt?.charged_seconds === due,
      `charged ${settled.receipt?.charged_seconds}, not ${due} s`,
    );
    this.journal.calls.set(callId, due);
    this.journal.usedSeconds += due;
  }

  async #deduct(minutes: number): Promise<void> {
    const key = randomUUID();
    await this.#expect('a deduction', ['deducted', 'already_deducted'], () =>
      this.#bank.deduct(this.journal.userId, minutes, key),
    );
    this.journal.usedSeconds += minutes * 60;
  }

  async #buy(purpose: 'me' | 'gift'): Promise<void> {
    const [key, intentId, eventId] = [randomUUID(), `pi_${randomUUID()}`, `evt_${randomUUID()}`];
    const { userId, boughtCards } = this.journal;
    const purchaseId = await this.#ask(() => this.#bank.begin(userId, 'starter', purpose, key));
    await this.#ask(() => this.#bank.attach(purchaseId, intentId));
    const paid = { purchaseId, intentId, eventId, cents: PRICES.starter, code: purchaseId };
    await this.#expect('a payment', ['applied', 'duplicate_event'], () => this.#bank.pay(paid));
    if (purpose === 'gift') {
      await this.#expect('an activation', ['activated', 'already_yours'], () =>
        this.#bank.activate(userId, purchaseId),
      );
    }
    boughtCards.push(purchaseId);
  }
}
