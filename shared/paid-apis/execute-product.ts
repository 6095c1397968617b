import { z } from 'zod';
import { callFunction } from '../database/call-function.ts';
import type { DatabaseClient } from '../database/client.ts';
import { Fault } from '../errors.ts';
import { type BuiltRequest, buildRequest } from './build-request.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { type ProductVersion, productVersion, schemaOf } from './product.ts';
import { placeOf, unseal } from './seal.ts';

/** What is needed to call paid APIs. */
export type PaidApis = {
  database: DatabaseClient;
  fetch: GuardedFetch;
  /** Opens the secrets of products; undefined where none is set, and products with secrets are not called. */
  secretsKey: string | undefined;
};

/** One call of a product. Whoever pays is the agent, else the tenant, else the person. */
export type ExecutionRequest = {
  /** The same key calls and charges once. */
  key: string;
  productId: string;
  userId?: string | undefined;
  tenantId?: string | undefined;
  agentId?: string | undefined;
  taskId?: string | undefined;
  callId?: string | undefined;
  args: Readonly<Record<string, unknown>>;
  /** The most that it may cost: what was agreed to, or what needs no asking. */
  mayCostMicros: number;
  /** By who offers it: free, and of a draft, too. */
  isTrial?: boolean;
};

const OUTCOMES = [
  'ok',
  'timeout',
  'unreachable',
  'unsafe',
  'redirect',
  'server_error',
  'client_error',
  'too_big',
  'bad_answer',
  'bad_arguments',
  'lost',
] as const;
type Outcome = (typeof OUTCOMES)[number];

export const executionSchema = z.object({
  status: z.enum(['succeeded', 'failed']),
  execution_id: z.uuid(),
  product_id: z.uuid(),
  version: z.int(),
  outcome: z.enum(OUTCOMES),
  price_micros: z.int(),
  charged_micros: z.int(),
  fee_micros: z.int().nullable(),
  share_micros: z.int().nullable(),
  refunded_micros: z.int().nullable(),
  http_status: z.int().nullable(),
  bytes: z.int().nullable(),
  took_ms: z.int().nullable(),
  result: z.unknown(),
  repeated: z.boolean(),
});
/** What became of a call: only what succeeded has a result, and only that is charged, or what the seller charges for. */
export type Execution = z.output<typeof executionSchema>;

const refusedSchema = z.object({
  status: z.enum([
    'unknown_product',
    'unknown_wallet',
    'not_allowed',
    'confirm_price',
    'not_enough_money',
    'too_many_calls',
    'spend_limit_reached',
    'in_progress',
    'key_reused',
    'malformed',
  ]),
  price_micros: z.int().optional(),
  free_micros: z.int().optional(),
});
const begunSchema = z.object({
  status: z.literal('begun'),
  execution_id: z.uuid(),
  product: productVersion,
  secrets: z.record(z.string(), z.string()),
});
const answerSchema = z.union([begunSchema, executionSchema, refusedSchema]);

const dollars = (micros: number): string => {
  const text = (micros / 1_000_000).toFixed(6).replace(/0{1,4}$/, '');
  return `$${text}`;
};

function refusalOf(answer: z.output<typeof refusedSchema>): Fault {
  switch (answer.status) {
    case 'not_enough_money':
    case 'unknown_wallet':
      return new Fault(
        'not_enough_money',
        `This costs ${dollars(answer.price_micros ?? 0)}, and ${dollars(answer.free_micros ?? 0)} is left.`,
      );
    case 'confirm_price':
      return new Fault(
        'price_not_confirmed',
        `This costs ${dollars(answer.price_micros ?? 0)}. Send max_price_micros ${answer.price_micros ?? 0} to agree.`,
      );
    case 'too_many_calls':
      return new Fault('too_many_requests', 'This API is called as often as it may be in this minute.');
    case 'spend_limit_reached':
      return new Fault('spend_limit_reached');
    case 'in_progress':
      return new Fault(
        'overloaded',
        'This call is under way. Ask again with the same key for what became of it.',
      );
    case 'key_reused':
      return new Fault('idempotency_key_reused');
    case 'not_allowed':
      return new Fault('forbidden');
    case 'malformed':
      return new Fault('invalid_request');
    case 'unknown_product':
      return new Fault('not_found', 'No such API is for sale here.');
  }
}

type Ended = { outcome: Outcome; status?: number; bytes?: number; result?: unknown };

function requestOf(
  { secretsKey }: PaidApis,
  product: ProductVersion,
  sealed: Record<string, string>,
  { args, executionId }: { args: ExecutionRequest['args']; executionId: string },
): BuiltRequest | undefined {
  const checked = schemaOf(product.parameters).safeParse(args);
  if (!checked.success) return undefined;
  const secrets = Object.fromEntries(
    Object.entries(sealed).map(([name, text]) => {
      if (secretsKey === undefined) throw new Error('no key for the secrets of products');
      return [name, unseal(text, secretsKey, placeOf(product.id, name))];
    }),
  );
  return buildRequest(product, checked.data as ExecutionRequest['args'], secrets, executionId);
}

async function call(apis: PaidApis, product: ProductVersion, built: BuiltRequest): Promise<Ended> {
  const fetched = await apis.fetch(built.url, {
    ...built,
    timeoutMs: product.timeout_ms,
    maxBytes: product.max_bytes,
  });
  if ('refusal' in fetched) return { outcome: fetched.refusal };
  const { status, bytes, text } = fetched;
  if (status >= 500) return { outcome: 'server_error', status, bytes };
  if (status >= 400) return { outcome: 'client_error', status, bytes };
  try {
    const result: unknown = text === '' ? null : JSON.parse(text);
    const isRight =
      product.response_schema === null || schemaOf(product.response_schema).safeParse(result).success;
    return isRight ? { outcome: 'ok', status, bytes, result } : { outcome: 'bad_answer', status, bytes };
  } catch {
    return { outcome: 'bad_answer', status, bytes };
  }
}

/**
 * Calls a paid API once: its price is held, it is called, and what it was is settled. What fails is not charged. A repeat of
 * the key answers what became of the first, without calling.
 * @throws Fault `not_enough_money`, `price_not_confirmed`, `not_found`, `forbidden`, `too_many_requests`, `spend_limit_reached`,
 *   `overloaded` (it is under way), `idempotency_key_reused`, `invalid_request`, `database_unavailable`; then nothing was charged
 */
export async function executeProduct(apis: PaidApis, request: ExecutionRequest): Promise<Execution> {
  const begun = await callFunction<'begin_execution', z.output<typeof answerSchema>>(
    apis.database,
    'begin_execution',
    {
      p_key: request.key,
      p_product_id: request.productId,
      p_user_id: (request.userId ?? null) as string,
      p_tenant_id: (request.tenantId ?? null) as string,
      p_agent_id: (request.agentId ?? null) as string,
      p_task_id: (request.taskId ?? null) as string,
      p_call_id: (request.callId ?? null) as string,
      p_may_cost_micros: request.mayCostMicros,
      p_try: request.isTrial ?? false,
    },
    answerSchema,
  );
  if ('outcome' in begun) return begun;
  if (!('product' in begun)) throw refusalOf(begun);
  const executionId = begun.execution_id;
  const startedAt = performance.now();
  let ended: Ended;
  try {
    const built = requestOf(apis, begun.product, begun.secrets, { args: request.args, executionId });
    ended = built === undefined ? { outcome: 'bad_arguments' } : await call(apis, begun.product, built);
  } catch {
    // What cannot be built was asked of us wrongly; of what went wrong inside, nobody pays.
    ended = { outcome: 'bad_arguments' };
  }
  const execution = await callFunction(
    apis.database,
    'finish_execution',
    {
      p_execution_id: executionId,
      p_outcome: ended.outcome,
      p_http_status: (ended.status ?? null) as number,
      p_bytes: (ended.bytes ?? null) as number,
      p_took_ms: Math.round(performance.now() - startedAt),
      p_result: (ended.outcome === 'ok' ? ended.result : null) as never,
    },
    executionSchema,
  );
  // What is too large to be kept is handed over all the same, the first time.
  return execution.status === 'succeeded' ? { ...execution, result: ended.result } : execution;
}
