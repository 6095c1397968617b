import { z } from 'zod';
import { executionSchema } from '../paid-apis/execute-product.ts';
import { productInput, productVersion } from '../paid-apis/product.ts';
import { apiSchemas } from './schemas.ts';

export const agentSchema = z
  .looseObject({
    id: z.uuid(),
    agent_name: z.string(),
    agent_type: z.enum(['api_consumer', 'payment_bot', 'volume_generator', 'nft_minter']),
    status: z.enum(['idle', 'active', 'error', 'maintenance']),
    daily_budget_micros: z.int(),
    max_concurrent_tasks: z.int(),
  })
  .register(apiSchemas, { id: 'Agent' });

/** Body of `POST /api-consumer-agent/register`. */
export const registerAgentRequest = z
  .strictObject({
    tenant_id: z.uuid().toLowerCase().optional().describe('For whom it works; without it, for you.'),
    agent_name: z.string().trim().min(1).max(200),
    agent_type: z.enum(['api_consumer', 'payment_bot', 'volume_generator', 'nft_minter']),
    capabilities: z.array(z.string().min(1).max(100)).max(50).default([]),
    wallet_address: z.string().max(200).optional(),
    daily_budget: z.number().min(0).max(1_000_000).default(0).describe('In US dollars.'),
    max_concurrent_tasks: z.int().min(0).max(1000).default(1),
  })
  .register(apiSchemas, { id: 'RegisterAgentRequest' });
export const registerAgentResponse = z
  .object({ agent: agentSchema })
  .register(apiSchemas, { id: 'RegisterAgentResponse' });

/** Body of `POST /api-consumer-agent/execute`. */
export const executeRequest = z
  .strictObject({
    api_product_id: z.uuid().toLowerCase(),
    agent_id: z.uuid().toLowerCase().optional().describe('Whose wallet pays: an agent that you act for.'),
    tenant_id: z.uuid().toLowerCase().optional().describe('Who pays, where it is no agent; without it, you.'),
    arguments: z.record(z.string(), z.unknown()).default({}),
    max_price_micros: z
      .int()
      .min(0)
      .optional()
      .describe(
        'What you agree to pay at most, in millionths of a dollar. Without it, a price above 250000 is asked about first.',
      ),
  })
  .register(apiSchemas, { id: 'ExecuteRequest' });
export const tryRequest = executeRequest.pick({ arguments: true }).register(apiSchemas, { id: 'TryRequest' });
export const executeResponse = executionSchema.register(apiSchemas, { id: 'Execution' });

/** Body of `POST /agents/:agent_id/fund`. */
export const fundAgentRequest = z
  .strictObject({ amount_micros: z.int().min(1).max(1_000_000_000_000) })
  .register(apiSchemas, { id: 'FundAgentRequest' });
export const fundAgentResponse = z
  .object({ status: z.literal('transferred') })
  .register(apiSchemas, { id: 'FundAgentResponse' });

export const walletQuery = z.strictObject({
  tenant_id: z.uuid().toLowerCase().optional(),
  agent_id: z.uuid().toLowerCase().optional(),
  seller_id: z.uuid().toLowerCase().optional(),
});
export const walletResponse = z
  .object({
    owner_kind: z.enum(['person', 'tenant', 'agent', 'seller']),
    balance_micros: z.int(),
    held_micros: z.int().describe('Of the balance, what is promised to calls under way.'),
    debt_micros: z.int(),
    charges: z.array(
      z.object({
        at: z.string(),
        charged_micros: z.int(),
        refunded_micros: z.int(),
        share_micros: z.int(),
        fee_micros: z.int(),
        about: z.record(z.string(), z.unknown()),
      }),
    ),
  })
  .register(apiSchemas, { id: 'Wallet' });

const productSchema = productVersion
  .extend({
    secrets: z.array(z.string()).optional().describe('Names of its secrets, which nobody can read.'),
  })
  .register(apiSchemas, { id: 'ApiProduct' });
export const productsForSaleQuery = z.strictObject({
  tenant_id: z.uuid().toLowerCase().optional(),
  after: z.uuid().toLowerCase().optional().describe('The id of the last one before.'),
});
export const productsForSaleResponse = z
  .object({
    products: z.array(
      productVersion
        .omit({ api_endpoint: true, places: true, headers: true, speech: true })
        .register(apiSchemas, { id: 'ApiProductForSale' }),
    ),
  })
  .register(apiSchemas, { id: 'ApiProductsForSaleResponse' });

/** Body of `POST /sellers/:seller_id/api-products`; `PATCH` of one names what changes. */
export const saveProductRequest = productInput
  .extend({
    secrets: z
      .record(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/), z.string().min(1).max(4000).nullable())
      .default({})
      .describe('What {{name}} in a header stands for. Kept sealed; null removes one.'),
  })
  .register(apiSchemas, { id: 'SaveApiProductRequest' });
export const changeProductRequest = saveProductRequest
  .partial()
  .register(apiSchemas, { id: 'ChangeApiProductRequest' });
export const productResponse = z
  .object({ product: productSchema })
  .register(apiSchemas, { id: 'ApiProductResponse' });
export const productsResponse = z
  .object({ products: z.array(productSchema) })
  .register(apiSchemas, { id: 'ApiProductsResponse' });

/** Body of `POST /sellers`. */
export const registerSellerRequest = z
  .strictObject({
    tenant_id: z.uuid().toLowerCase().optional(),
    name: z.string().trim().min(1).max(200),
  })
  .register(apiSchemas, { id: 'RegisterSellerRequest' });
export const registerSellerResponse = z
  .object({
    seller_id: z.uuid(),
    name: z.string(),
    fee_bps: z.int().describe('What the platform keeps of each price, in hundredths of a percent.'),
  })
  .register(apiSchemas, { id: 'RegisterSellerResponse' });

/** Body of `POST /operator/wallets/credit` and of `POST /operator/executions/:execution_id/refund`. */
export const creditWalletRequest = z
  .strictObject({
    owner_kind: z.enum(['person', 'tenant', 'agent']),
    owner_id: z.uuid().toLowerCase(),
    amount_micros: z.int().min(1).max(1_000_000_000),
    reason: z.string().trim().min(1).max(500),
  })
  .register(apiSchemas, { id: 'CreditWalletRequest' });
export const creditWalletResponse = z
  .object({ status: z.literal('credited') })
  .register(apiSchemas, { id: 'CreditWalletResponse' });
export const refundExecutionRequest = z
  .strictObject({
    amount_micros: z.int().min(1).optional().describe('All that is left of it unless given.'),
    reason: z.string().trim().min(1).max(500),
  })
  .register(apiSchemas, { id: 'RefundExecutionRequest' });
export const refundExecutionResponse = z
  .object({
    status: z.literal('refunded'),
    amount_micros: z.int(),
    refunded_micros: z.int(),
  })
  .register(apiSchemas, { id: 'RefundExecutionResponse' });
