import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import {
  agentSchema,
  changeProductRequest,
  creditWalletRequest,
  creditWalletResponse,
  executeRequest,
  executeResponse,
  fundAgentRequest,
  fundAgentResponse,
  productResponse,
  productsForSaleQuery,
  productsForSaleResponse,
  productsResponse,
  refundExecutionRequest,
  refundExecutionResponse,
  registerAgentRequest,
  registerAgentResponse,
  registerSellerRequest,
  registerSellerResponse,
  saveProductRequest,
  tryRequest,
  walletQuery,
  walletResponse,
} from '../../shared/api/paid-apis.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { executeProduct } from '../../shared/paid-apis/execute-product.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { BUYERS_KEY_LENGTH, route } from '../http/route.ts';
import { askPaidApis, paidApisOf, sealAll } from './ask-paid-apis.ts';

/** What may be spent without asking: a quarter of a dollar. */
const CONFIRM_ABOVE_MICROS = 250_000;
const KEY_LENGTH = 100;

const person = { tag: 'paid APIs', access: 'person' } as const;
const operator = { tag: 'operators', access: 'operator' } as const;
const ofSeller = z.object({ seller_id: z.uuid().toLowerCase() });
const ofProduct = ofSeller.extend({ product_id: z.uuid().toLowerCase() });

const agents = [
  route({
    ...person,
    operationId: 'registerAgent',
    method: 'post',
    path: '/api-consumer-agent/register',
    summary: 'Register an agent of yours, or of a tenant that you do the billing of',
    description:
      'It begins idle, with an empty wallet of its own. `volume_generator` and `nft_minter` are simulations: no money moves by them.',
    idempotency: { names: 'Names the agent to be registered.', maxLength: BUYERS_KEY_LENGTH },
    body: registerAgentRequest,
    status: 201,
    answer: registerAgentResponse,
    faults: ['forbidden', 'idempotency_key_reused'],
    async handle({ deps, userId, body, idempotencyKey }) {
      const { tenant_id: tenantId = null, ...agent } = body;
      const args = {
        p_user_id: userId,
        p_tenant_id: tenantId,
        p_agent: agent,
        p_key: `${userId}:${idempotencyKey}`,
      };
      const registered = z.object({ status: z.literal('registered'), agent: agentSchema });
      return { agent: (await askPaidApis(deps, 'register_agent', args, registered)).agent };
    },
  }),
  route({
    ...person,
    operationId: 'executeApiProduct',
    method: 'post',
    asksSellers: true,
    path: '/api-consumer-agent/execute',
    summary: 'Call a paid API, and pay for it if it answers',
    description:
      'The price is held before the call and settled after it; what fails is not charged, and is answered with status `failed`. ' +
      'The same key calls once: a repeat within a day answers what became of it.',
    idempotency: { names: 'Names the call.', maxLength: KEY_LENGTH },
    body: executeRequest,
    answer: executeResponse,
    faults: [
      'not_found',
      'forbidden',
      'not_enough_money',
      'price_not_confirmed',
      'spend_limit_reached',
      'idempotency_key_reused',
    ],
    prepare(deps) {
      const apis = paidApisOf(deps);
      return ({ userId, body, idempotencyKey }) =>
        executeProduct(apis, {
          key: `${userId}:${idempotencyKey}`,
          productId: body.api_product_id,
          userId,
          tenantId: body.tenant_id,
          agentId: body.agent_id,
          args: body.arguments,
          mayCostMicros: body.max_price_micros ?? CONFIRM_ABOVE_MICROS,
        });
    },
  }),
  route({
    ...person,
    operationId: 'fundAgent',
    method: 'post',
    path: '/agents/:agent_id/fund',
    summary: 'Move money from the wallet of who an agent works for to the agent’s',
    params: z.object({ agent_id: z.uuid().toLowerCase() }),
    idempotency: { names: 'Names the transfer.', maxLength: KEY_LENGTH },
    body: fundAgentRequest,
    answer: fundAgentResponse,
    faults: ['forbidden', 'not_found', 'not_enough_money', 'idempotency_key_reused'],
    async handle({ deps, userId, params, body, idempotencyKey }) {
      const args = {
        p_user_id: userId,
        p_agent_id: params.agent_id,
        p_micros: body.amount_micros,
        p_key: idempotencyKey,
      };
      await askPaidApis(deps, 'fund_agent', args, fundAgentResponse);
      return { status: 'transferred' as const };
    },
  }),
  route({
    ...person,
    operationId: 'readWallet',
    method: 'get',
    path: '/wallet',
    summary: 'What is in your wallet, or in that of a tenant, an agent or a seller that you act for',
    query: walletQuery,
    answer: walletResponse,
    faults: ['forbidden'],
    async handle({ deps, userId, query }) {
      const args = {
        p_user_id: userId,
        p_tenant_id: query.tenant_id ?? null,
        p_agent_id: query.agent_id ?? null,
        p_seller_id: query.seller_id ?? null,
      };
      const { status: _, ...wallet } = await askPaidApis(
        deps,
        'read_wallet',
        args,
        walletResponse.extend({ status: z.literal('ok') }),
      );
      return wallet;
    },
  }),
  route({
    ...person,
    operationId: 'listApiProductsForSale',
    method: 'get',
    path: '/api-products',
    summary: 'Paid APIs that you, or a tenant of yours, may call',
    query: productsForSaleQuery,
    answer: productsForSaleResponse,
    async handle({ deps: { database }, userId, query }) {
      const args = {
        p_user_id: userId,
        p_tenant_id: (query.tenant_id ?? null) as string,
        p_after: (query.after ?? null) as string,
      };
      return {
        products: await callFunction(
          database,
          'products_for_sale',
          args,
          productsForSaleResponse.shape.products,
        ),
      };
    },
  }),
];

const saved = productResponse.extend({ status: z.literal('saved'), secrets: z.array(z.string()) });

async function save(
  deps: Dependencies,
  {
    userId,
    sellerId,
    productId,
    body,
  }: { userId: string; sellerId: string; productId: string; body: z.output<typeof changeProductRequest> },
) {
  const { secrets = {}, ...product } = body;
  const args = {
    p_user_id: userId,
    p_seller_id: sellerId,
    p_product_id: productId,
    p_product: product,
    p_secrets: sealAll(deps, productId, secrets),
  };
  const answer = await askPaidApis(deps, 'save_api_product', args, saved);
  return { product: { ...answer.product, secrets: answer.secrets } };
}

const sellers = [
  route({
    ...person,
    operationId: 'registerSeller',
    method: 'post',
    path: '/sellers',
    summary: 'Become a seller of paid APIs, or make a tenant that you do the billing of one',
    description: 'Who is a seller already stays that one.',
    body: registerSellerRequest,
    answer: registerSellerResponse,
    faults: ['forbidden'],
    async handle({ deps, userId, body }) {
      const args = { p_user_id: userId, p_tenant_id: body.tenant_id ?? null, p_name: body.name };
      const registered = registerSellerResponse.extend({ status: z.literal('registered') });
      const { status: _, ...seller } = await askPaidApis(deps, 'register_seller', args, registered);
      return seller;
    },
  }),
  route({
    ...person,
    operationId: 'listApiProducts',
    method: 'get',
    path: '/sellers/:seller_id/api-products',
    summary: 'The products of a seller',
    params: ofSeller,
    answer: productsResponse,
    faults: ['forbidden'],
    async handle({ deps, userId, params }) {
      const args = { p_user_id: userId, p_seller_id: params.seller_id };
      const listed = productsResponse.extend({ status: z.literal('ok') });
      return { products: (await askPaidApis(deps, 'list_api_products', args, listed)).products };
    },
  }),
  route({
    ...person,
    operationId: 'createApiProduct',
    method: 'post',
    path: '/sellers/:seller_id/api-products',
    summary: 'Offer an API: what it asks, where it is, and what a call costs',
    params: ofSeller,
    body: saveProductRequest,
    status: 201,
    answer: productResponse,
    faults: ['forbidden'],
    handle: ({ deps, userId, params, body }) =>
      save(deps, { userId, sellerId: params.seller_id, productId: randomUUID(), body }),
  }),
  route({
    ...person,
    operationId: 'changeApiProduct',
    method: 'patch',
    path: '/sellers/:seller_id/api-products/:product_id',
    summary: 'Change a product, offer it, or retire it',
    description: 'A change of what a caller gets or pays is a new version; calls under way keep theirs.',
    params: ofProduct,
    body: changeProductRequest,
    answer: productResponse,
    faults: ['forbidden', 'too_late'],
    handle: ({ deps, userId, params, body }) =>
      save(deps, { userId, sellerId: params.seller_id, productId: params.product_id, body }),
  }),
  route({
    ...person,
    operationId: 'tryApiProduct',
    method: 'post',
    asksSellers: true,
    path: '/sellers/:seller_id/api-products/:product_id/try',
    summary: 'Call a product of yours for nothing, a draft too',
    params: ofProduct,
    body: tryRequest,
    answer: executeResponse,
    faults: ['forbidden', 'not_found'],
    prepare(deps) {
      const apis = paidApisOf(deps);
      return ({ userId, params, body }) =>
        executeProduct(apis, {
          key: `try:${randomUUID()}`,
          productId: params.product_id,
          userId,
          args: body.arguments,
          mayCostMicros: 0,
          isTrial: true,
        });
    },
  }),
];

const byOperators = [
  route({
    ...operator,
    operationId: 'creditWallet',
    method: 'post',
    path: '/operator/wallets/credit',
    summary: 'Give a wallet money, for a reason',
    description: 'Never your own, and none of a tenant of yours.',
    idempotency: { names: 'Names the gift.', maxLength: KEY_LENGTH },
    body: creditWalletRequest,
    status: 201,
    answer: creditWalletResponse,
    faults: ['not_found', 'idempotency_key_reused'],
    async handle({ deps, userId, body, idempotencyKey }) {
      const args = {
        p_operator_id: userId,
        p_owner_kind: body.owner_kind,
        p_owner_id: body.owner_id,
        p_micros: body.amount_micros,
        p_reason: body.reason,
        p_key: `${userId}:${idempotencyKey}`,
      };
      return { status: (await askPaidApis(deps, 'credit_wallet', args, creditWalletResponse)).status };
    },
  }),
  route({
    ...operator,
    operationId: 'refundExecution',
    method: 'post',
    path: '/operator/executions/:execution_id/refund',
    summary: 'Give back what a call of a paid API cost, or a part',
    description: 'The seller gives back its share, and the platform its fee.',
    params: z.object({ execution_id: z.uuid().toLowerCase() }),
    idempotency: { names: 'Names the refund.', maxLength: KEY_LENGTH },
    body: refundExecutionRequest,
    answer: refundExecutionResponse,
    faults: ['not_found', 'too_late', 'idempotency_key_reused'],
    async handle({ deps, userId, params, body, idempotencyKey }) {
      const args = {
        p_operator_id: userId,
        p_execution_id: params.execution_id,
        p_reason: body.reason,
        p_key: idempotencyKey,
        p_micros: body.amount_micros ?? null,
      };
      const { amount_micros, refunded_micros } = await askPaidApis(
        deps,
        'refund_execution',
        args,
        refundExecutionResponse,
      );
      return { status: 'refunded' as const, amount_micros, refunded_micros };
    },
  }),
];

/** Paid APIs: agents that call them, sellers that offer them, and the wallets between. */
export const paidApiRoutes = [...agents, ...sellers, ...byOperators];
