import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

/** As programs of several languages write it without rounding: digits, at most one dot, no sign, no exponent. */
const amount = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,77})(\.[0-9]{1,36})?$/, { error: 'must be a text such as "10.50"' })
  .describe(
    'In units of the token, exactly, as a text: `"10.50"`. No sign, no exponent, no more decimals than the token has.',
  );

const FINALITIES = ['seen', 'safe', 'final'] as const;

/** Why a verdict is not `verified`. */
export const VERDICT_REASONS = [
  'not_found',
  'not_safe_yet',
  'not_final_yet',
  'reorganised',
  'block_time_unknown',
  'nodes_unavailable',
  'too_few_nodes',
  'nodes_disagree',
  'transaction_failed',
  'no_transfer',
  'wrong_token',
  'wrong_recipient',
  'wrong_payer',
  'self_payment',
  'underpaid',
  'amount_differs',
  'too_old',
  'already_claimed',
] as const;

/** What is worth a second look, and decides nothing. */
export const RISK_SIGNALS = [
  'payer_not_bound',
  'overpaid',
  'several_transfers',
  'several_payers',
  'relayed',
  'minted',
  'lookalike_token',
  'lookalike_address',
  'may_be_reorganised',
  'one_node',
] as const;

/** Body of `POST /v1/payments/verify`. */
export const verifyPaymentRequest = z
  .strictObject({
    chain: z
      .string()
      .min(1)
      .max(50)
      .describe(
        'Its name (`base`), or its id of CAIP-2 (`eip155:8453`). `GET /v1/payments/chains` lists them.',
      ),
    tx_hash: z
      .string()
      .min(1)
      .max(100)
      .describe('On Solana the signature. Hexadecimal digits in either case.'),
    amount,
    recipient: z
      .string()
      .min(1)
      .max(100)
      .describe(
        'Who should have been paid: an address of yours; on Solana the wallet, not its token account.',
      ),
    token: z
      .string()
      .min(1)
      .max(100)
      .default('USDC')
      .describe('Its symbol, or the address of its contract or mint.'),
    payer: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe(
        'Whose tokens they have to be. Without it, anybody who sees a payment may say that it was theirs.',
      ),
    exact: z
      .boolean()
      .default(false)
      .describe(
        'Whether more than the amount is wrong, too. With odd cents the amount then names the order.',
      ),
    not_before: z.iso
      .datetime({ offset: true })
      .optional()
      .describe(
        'When the order was made: what was paid before it is for another one. Without it, 24 hours ago.',
      ),
    finality: z
      .enum(FINALITIES)
      .default('safe')
      .describe('How sure the chain has to be: `seen` may still go, `safe` goes hardly ever, `final` stays.'),
    reference: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe(
        'Your name for the order. The transfer that paid for it may be asked for again under the same one.',
      ),
  })
  .register(apiSchemas, { id: 'VerifyPaymentRequest' });

/** Answer of `POST /v1/payments/verify`. */
export const verifyPaymentResponse = z
  .object({
    id: z
      .uuid()
      .nullable()
      .describe('Null where no node answered: nothing was kept, and nothing is charged.'),
    status: z.enum(['verified', 'pending', 'rejected']),
    reasons: z.array(z.enum(VERDICT_REASONS)).describe('Empty where it is verified.'),
    finality: z.enum(['none', ...FINALITIES]).describe('`none`: not found yet.'),
    is_final: z
      .boolean()
      .describe('Whether the verdict stays. If not, ask again with the same Idempotency-Key: that is free.'),
    retry_after_seconds: z
      .int()
      .nullable()
      .describe('When it makes sense to ask again, where it is pending.'),
    chain: z.string().describe('The id of CAIP-2.'),
    tx_hash: z.string(),
    transfer: z
      .object({
        log_index: z.int().describe('On Solana the index of the token account.'),
        token: z.string(),
        symbol: z.string(),
        amount: z.string(),
        from: z.string().nullable(),
        to: z.string(),
      })
      .nullable()
      .describe('The transfer that was taken for this order, and for no other.'),
    block: z.object({ number: z.string(), id: z.string(), time: z.string().nullable() }).nullable(),
    risk: z.object({
      level: z.enum(['low', 'elevated', 'high']),
      signals: z.array(z.enum(RISK_SIGNALS)),
    }),
  })
  .register(apiSchemas, { id: 'VerifyPaymentResponse' });

/** Answer of `GET /v1/payments/chains`. */
export const paymentChainsResponse = z
  .object({
    chains: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        nodes: z.int().describe('How many nodes are asked here.'),
        tokens: z.array(z.object({ symbol: z.string(), address: z.string(), decimals: z.int() })),
      }),
    ),
    agreement_from: z.string().describe('From this amount on, two nodes have to say the same.'),
  })
  .register(apiSchemas, { id: 'PaymentChainsResponse' });

/** Query of `GET /v1/payments/verifications`. */
export const verificationsQuery = z.strictObject({
  tenant_id: z.uuid().toLowerCase().optional(),
  before: z.iso.datetime({ offset: true }).optional().describe('Those that were asked for before.'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

/** Answer of `GET /v1/payments/verifications`. */
export const verificationsResponse = z
  .object({
    verifications: z.array(
      z.object({
        id: z.uuid(),
        key: z.string(),
        chain: z.string(),
        tx_hash: z.string(),
        reference: z.string().nullable(),
        status: z.enum(['verified', 'pending', 'rejected']),
        reasons: z.array(z.string()),
        finality: z.string(),
        is_final: z.boolean(),
        amount: z.string().nullable(),
        created_at: z.string(),
        updated_at: z.string(),
      }),
    ),
  })
  .register(apiSchemas, { id: 'PaymentVerificationsResponse' });
