import type { RISK_SIGNALS, VERDICT_REASONS } from '../../shared/api/verification.ts';
import { type Facts, type FoundFacts, isAtLeast, type Transfer } from '../chains/facts.ts';
import type { Expectation } from './read-request.ts';

export type Reason = (typeof VERDICT_REASONS)[number];
export type Signal = (typeof RISK_SIGNALS)[number];

export type Verdict = {
  status: 'verified' | 'pending' | 'rejected';
  reasons: Reason[];
  signals: Signal[];
  /** Transfers that would do, the best one first. Whether one is still free, the database says. */
  candidates: readonly Transfer[];
};

/** So old a payment may be where nobody says when the order was made. */
const OLDEST_MS = 24 * 3_600_000;
const ZERO = `0x${'0'.repeat(40)}`;

/** Addresses that look alike where people look: they are made to be copied by mistake. */
const looksLike = (a: string, b: string) =>
  a !== b && a.slice(0, 6) === b.slice(0, 6) && a.slice(-4) === b.slice(-4);

/** Somebody is the payer only where they alone paid: of several it is not known who paid whom. */
const isPaidBy = ({ from }: Transfer, payer: string) => from.length === 1 && from[0] === payer;

/** Of what was paid to the recipient in the right token: what would do, and else why none of it does. */
function choose(
  ours: readonly Transfer[],
  { payer, recipient, amount, isExact }: Expectation,
): Transfer[] | Reason {
  const others = ours.filter(({ from }) => !from.includes(recipient));
  if (others.length === 0) return 'self_payment';
  const theirs = payer === null ? others : others.filter((transfer) => isPaidBy(transfer, payer));
  if (theirs.length === 0) return 'wrong_payer';
  const enough = theirs.filter((transfer) =>
    isExact ? transfer.amount === amount : transfer.amount >= amount,
  );
  if (enough.length > 0)
    return enough.toSorted((a, b) =>
      a.amount < b.amount ? -1 : a.amount > b.amount ? 1 : a.index - b.index,
    );
  return isExact && theirs.some((transfer) => transfer.amount > amount) ? 'amount_differs' : 'underpaid';
}

/** Why nothing came to the recipient in the right token. */
function missed(transfers: readonly Transfer[], { token, recipient }: Expectation): Reason[] {
  const paid = transfers.filter(({ amount }) => amount > 0n);
  const reasons: Reason[] = [];
  if (paid.some((transfer) => transfer.to === recipient)) reasons.push('wrong_token');
  if (paid.some((transfer) => transfer.token === token)) reasons.push('wrong_recipient');
  return reasons.length > 0 ? reasons : ['no_transfer'];
}

function signalsOf(facts: FoundFacts, expected: Expectation, best: Transfer | undefined): Signal[] {
  const { transfers, sender, finality } = facts;
  const { token, recipient, payer, amount } = expected;
  const toUs = transfers.filter((transfer) => transfer.to === recipient);
  const is: Record<Exclude<Signal, 'one_node'>, boolean> = {
    payer_not_bound: payer === null,
    overpaid: best !== undefined && best.amount > amount,
    several_transfers: toUs.filter((transfer) => transfer.token === token).length > 1,
    several_payers: best !== undefined && best.from.length > 1,
    relayed: best !== undefined && !best.from.includes(sender),
    minted: best?.from.includes(ZERO) ?? false,
    lookalike_token: toUs.some((transfer) => transfer.token !== token),
    lookalike_address: transfers.some(({ to, from }) =>
      [to, ...from].some((address) => looksLike(address, recipient)),
    ),
    may_be_reorganised: finality === 'seen',
  };
  return (Object.keys(is) as (keyof typeof is)[]).filter((signal) => is[signal]);
}

/**
 * What a transaction is worth to whoever waits for a payment. It is rejected as soon as it is seen to be wrong, and verified
 * when the chain is as sure of it as was asked.
 * @param askedAtMs when it was asked for first: what was in time then stays so
 */
export function decide(facts: Facts, expected: Expectation, askedAtMs: number): Verdict {
  if (!facts.found) return { status: 'pending', reasons: ['not_found'], signals: [], candidates: [] };
  const ours = facts.transfers.filter(
    ({ token, to, amount }) => token === expected.token && to === expected.recipient && amount > 0n,
  );
  const chosen = ours.length === 0 ? undefined : choose(ours, expected);
  const candidates = Array.isArray(chosen) ? chosen : [];
  const signals = signalsOf(facts, expected, candidates[0]);
  const verdict = (status: Verdict['status'], ...reasons: Reason[]): Verdict => ({
    status,
    reasons,
    signals,
    candidates: status === 'verified' ? candidates : [],
  });
  if (!facts.isCanonical) return verdict('pending', 'reorganised');
  if (facts.failed) return verdict('rejected', 'transaction_failed');
  if (chosen === undefined) return verdict('rejected', ...missed(facts.transfers, expected));
  if (typeof chosen === 'string') return verdict('rejected', chosen);
  if (facts.blockTimeMs === null) return verdict('pending', 'block_time_unknown');
  if (facts.blockTimeMs < (expected.notBeforeMs ?? askedAtMs - OLDEST_MS))
    return verdict('rejected', 'too_old');
  if (!isAtLeast(facts.finality, expected.finality))
    return verdict('pending', expected.finality === 'final' ? 'not_final_yet' : 'not_safe_yet');
  return verdict('verified');
}

/** How much a person should look at it, of the signals: a rough order, and no score that anybody has measured. */
export function riskLevel(signals: readonly Signal[]): 'low' | 'elevated' | 'high' {
  const high: Signal[] = ['lookalike_token', 'lookalike_address', 'may_be_reorganised'];
  const elevated: Signal[] = ['payer_not_bound', 'several_payers', 'minted', 'one_node'];
  if (signals.some((signal) => high.includes(signal))) return 'high';
  return signals.some((signal) => elevated.includes(signal)) ? 'elevated' : 'low';
}
