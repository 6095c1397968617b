import { z } from 'zod';
import { verifyPaymentResponse } from '../../shared/api/verification.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import type { Chain } from '../chains/chains.ts';
import type { FoundFacts, Transfer } from '../chains/facts.ts';
import type { Reading } from '../chains/node-pool.ts';
import type { TenantCaller } from '../http/require-key.ts';
import { decide, type Reason, riskLevel, type Signal, type Verdict } from './decide.ts';
import { amountOf, type ReadRequest, showAmount } from './read-request.ts';

type Answer = z.output<typeof verifyPaymentResponse>;

/** An answer as it is kept: what does not follow from the moment in which it is read. */
const keptSchema = verifyPaymentResponse.omit({ id: true, is_final: true, retry_after_seconds: true });
type Kept = z.output<typeof keptSchema>;

const begunSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('begun'), begun_at: z.string().optional() }),
  z.object({ status: z.literal('known'), id: z.uuid(), verdict: keptSchema }),
  z.object({ status: z.literal('spend_limit'), period: z.string() }),
  z.object({ status: z.enum(['key_reused', 'unknown_tenant']) }),
]);
const recordedSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('recorded'), id: z.uuid(), verdict: keptSchema }),
  z.object({ status: z.enum(['key_reused', 'unknown_tenant', 'malformed']) }),
]);

function refuse(status: 'key_reused' | 'unknown_tenant' | 'spend_limit' | 'malformed'): never {
  if (status === 'key_reused')
    throw new Fault('idempotency_key_reused', 'This Idempotency-Key named another payment. Use a new one.');
  if (status === 'spend_limit') throw new Fault('spend_limit_reached');
  // The key was good a moment ago: since then it was revoked with its tenant.
  if (status === 'unknown_tenant') throw new Fault('not_signed_in');
  throw new Error('a verdict of ours is malformed to the database');
}

const HASTE_SECONDS = 5;
/** What is known to take its time: a block, its safety, its finality; and what only a person or a node can mend. */
const PATIENCE_SECONDS: Partial<Record<Reason, number>> = {
  not_safe_yet: 30,
  not_final_yet: 60,
  too_few_nodes: 30,
};

function answerOf(id: string | null, kept: Kept): Answer {
  const [reason] = kept.reasons;
  return {
    ...kept,
    id,
    is_final: kept.finality === 'final' && kept.status !== 'pending',
    retry_after_seconds:
      kept.status === 'pending' && reason !== undefined ? (PATIENCE_SECONDS[reason] ?? HASTE_SECONDS) : null,
  };
}

function showTransfer({ index, token, from, to, amount }: Transfer, chain: Chain, decimals: number) {
  const isToken = ({ address }: { address: string }) => address.toLowerCase() === token.toLowerCase();
  return {
    log_index: index,
    token,
    symbol: chain.tokens.find(isToken)?.symbol ?? '',
    amount: showAmount(amount, decimals),
    from: from.length === 1 ? (from[0] ?? null) : null,
    to,
  };
}

function keptOf(
  { chain, txHash }: ReadRequest,
  facts: FoundFacts | null,
  { status, reasons, signals }: Pick<Verdict, 'status' | 'reasons' | 'signals'>,
): Kept {
  return {
    status,
    reasons,
    finality: facts?.finality ?? 'none',
    chain: chain.id,
    tx_hash: txHash,
    transfer: null,
    block:
      facts === null
        ? null
        : {
            number: String(facts.blockNumber),
            id: facts.block,
            time: facts.blockTimeMs === null ? null : new Date(facts.blockTimeMs).toISOString(),
          },
    risk: { level: riskLevel(signals), signals },
  };
}

/** What the nodes say, by as many of them as the amount asks for. */
function readChain(
  { chain, expectation, token, txHash }: ReadRequest,
  agreementFrom: string,
): Promise<Reading> {
  const needsTwo = expectation.amount >= amountOf(agreementFrom, token.decimals);
  return needsTwo ? chain.pool.agreeing(txHash) : chain.pool.first(txHash);
}

function judge(reading: Reading, request: ReadRequest, askedAtMs: number): Verdict {
  if (reading.facts === null)
    return { status: 'pending', reasons: [reading.why], signals: [], candidates: [] };
  const verdict = decide(reading.facts, request.expectation, askedAtMs);
  const isOne = reading.facts.found && request.chain.pool.size === 1;
  return isOne ? { ...verdict, signals: [...verdict.signals, 'one_node' satisfies Signal] } : verdict;
}

/**
 * Says whether a payment on a chain is what a tenant waits for, and takes the transfer for this order. Harmless to repeat with
 * the same key, which is one use however often it is asked; until the verdict is final the chain is asked again.
 * @throws Fault `idempotency_key_reused`, `spend_limit_reached`, `database_unavailable`
 */
export async function verifyPayment(
  { database, config, metrics, now }: Dependencies,
  { tenant, key, request }: { tenant: TenantCaller; key: string; request: ReadRequest },
): Promise<Answer> {
  const { chain, txHash, reference, hash, token } = request;
  const named = { p_tenant_id: tenant.tenantId, p_key: key };
  const begun = await callFunction(
    database,
    'begin_payment_verification',
    { ...named, p_request_hash: hash },
    begunSchema,
  );
  if (begun.status === 'known') return answerOf(begun.id, begun.verdict);
  if (begun.status !== 'begun') return refuse(begun.status);
  const askedAtMs = begun.begun_at === undefined ? now().getTime() : Date.parse(begun.begun_at);
  const stop = metrics.verificationSeconds.startTimer({ chain: chain.name });
  const reading = await readChain(request, config.AGREEMENT_FROM).finally(stop);
  const verdict = judge(reading, request, askedAtMs);
  const facts = reading.facts?.found ? reading.facts : null;
  const kept = keptOf(request, facts, verdict);
  if (reading.facts === null && reading.why === 'nodes_unavailable') {
    metrics.verifications.inc({ chain: chain.name, status: 'pending', reason: 'nodes_unavailable' });
    return answerOf(null, kept);
  }
  const recorded = await callFunction(
    database,
    'record_payment_verification',
    {
      ...named,
      p_key_id: tenant.keyId ?? '',
      p_request: { chain: chain.id, tx_hash: txHash, hash, ...(reference !== null && { reference }) },
      p_verdict: kept,
      p_candidates: verdict.candidates.map((transfer) => showTransfer(transfer, chain, token.decimals)),
    },
    recordedSchema,
  );
  if (recorded.status !== 'recorded') return refuse(recorded.status);
  const [reason = 'none'] = recorded.verdict.reasons;
  metrics.verifications.inc({ chain: chain.name, status: recorded.verdict.status, reason });
  return answerOf(recorded.id, recorded.verdict);
}
