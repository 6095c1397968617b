import { z } from 'zod';
import {
  paymentChainsResponse,
  verificationsQuery,
  verificationsResponse,
  verifyPaymentRequest,
  verifyPaymentResponse,
} from '../../shared/api/verification.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { chainsOf } from '../chains/chains.ts';
import { BUYERS_KEY_LENGTH, route } from '../http/route.ts';
import { readRequest } from './read-request.ts';
import { verifyPayment } from './verify-payment.ts';

const listedSchema = z.array(
  z.object({
    id: z.uuid(),
    key: z.string(),
    chain: z.string(),
    tx_hash: z.string(),
    reference: z.string().nullable(),
    status: z.enum(['verified', 'pending', 'rejected']),
    verdict: verifyPaymentResponse.pick({ reasons: true, finality: true, transfer: true }),
    is_final: z.boolean(),
    created_at: z.string(),
    updated_at: z.string(),
  }),
);

/** Payments on chains, verified for programs of tenants. */
export const verificationRoutes = [
  route({
    operationId: 'verifyPayment',
    tag: 'usage',
    method: 'post',
    path: '/v1/payments/verify',
    access: 'key',
    scope: 'verify',
    asksChains: true,
    summary: 'Whether a payment on a chain is the one that you wait for',
    description:
      'Answers `verified`, `pending` or `rejected`, with reasons. A transfer counts for one of your orders, once. ' +
      'Each Idempotency-Key is one use; asking again with the same one is free and looks again, until `is_final`.',
    idempotency: { names: 'the order whose payment is verified', maxLength: BUYERS_KEY_LENGTH },
    body: verifyPaymentRequest,
    answer: verifyPaymentResponse,
    faults: ['idempotency_key_reused', 'spend_limit_reached', 'invalid_request'],
    prepare(deps) {
      const chains = chainsOf(deps);
      return ({ body, tenant, idempotencyKey: key }) =>
        verifyPayment(deps, { tenant, key, request: readRequest(body, chains) });
    },
  }),
  route({
    operationId: 'listPaymentChains',
    tag: 'usage',
    method: 'get',
    path: '/v1/payments/chains',
    access: 'anybody',
    summary: 'The chains and tokens of which payments can be verified',
    answer: paymentChainsResponse,
    prepare(deps) {
      const chains = chainsOf(deps).map(({ id, name, pool, tokens }) => ({
        id,
        name,
        nodes: pool.size,
        tokens: [...tokens],
      }));
      return () => ({ chains, agreement_from: deps.config.AGREEMENT_FROM });
    },
  }),
  route({
    operationId: 'listPaymentVerifications',
    tag: 'usage',
    method: 'get',
    path: '/v1/payments/verifications',
    access: 'member',
    role: 'billing',
    scope: 'verify',
    summary: 'What a tenant had verified, newest first',
    query: verificationsQuery,
    answer: verificationsResponse,
    async handle({ deps: { database }, tenant, query }) {
      const args = {
        p_tenant_id: tenant.tenantId,
        p_before: (query.before ?? null) as string,
        p_limit: query.limit,
      };
      const listed = await callFunction(database, 'list_payment_verifications', args, listedSchema);
      return {
        verifications: listed.map(({ verdict: { reasons, finality, transfer }, ...rest }) => ({
          ...rest,
          reasons,
          finality,
          amount: transfer?.amount ?? null,
        })),
      };
    },
  }),
];
