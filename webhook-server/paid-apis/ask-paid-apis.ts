import { z } from 'zod';
import { callFunction, type FunctionName } from '../../shared/database/call-function.ts';
import { Fault, type FaultCode } from '../../shared/errors.ts';
import type { PaidApis } from '../../shared/paid-apis/execute-product.ts';
import { createGuardedFetch } from '../../shared/paid-apis/guarded-fetch.ts';
import { placeOf, seal } from '../../shared/paid-apis/seal.ts';
import type { Dependencies } from '../base/dependencies.ts';

const REFUSALS = {
  not_allowed: ['forbidden', 'You do not act for whoever this belongs to.'],
  malformed: ['invalid_request'],
  key_reused: ['idempotency_key_reused'],
  not_enough_money: ['not_enough_money'],
  unknown_wallet: ['not_found', 'There is no such wallet.'],
  unknown_execution: ['not_found', 'There is no such call, or it cost nothing.'],
  name_taken: ['invalid_request', 'name: another product has it'],
  retired: ['too_late', 'This product is retired. Make a new one.'],
  not_an_operator: ['forbidden'],
  own_account: ['forbidden', 'Nobody decides about what is their own.'],
  not_settled: ['too_late', 'Nothing was charged for this call.'],
  more_than_charged: ['invalid_request', 'amount_micros: more than is left of what was charged'],
} as const satisfies Record<string, readonly [FaultCode, detail?: string]>;
const refusal = z.object({ status: z.enum(Object.keys(REFUSALS) as [keyof typeof REFUSALS]) });

/**
 * Asks a function about wallets and paid APIs: its answer, or the fault that its refusal is.
 * @throws Fault as `REFUSALS` says, `database_unavailable`
 */
export async function askPaidApis<Answer extends z.ZodType>(
  { database }: Dependencies,
  name: FunctionName,
  args: Record<string, unknown>,
  answer: Answer,
): Promise<z.output<Answer>> {
  const found = await callFunction(database, name, args as never, z.union([refusal, answer]));
  const refused = refusal.safeParse(found);
  if (!refused.success) return found as z.output<Answer>;
  const [code, detail]: readonly [FaultCode, detail?: string] = REFUSALS[refused.data.status];
  throw new Fault(code, detail);
}

/** What calls paid APIs in this process. */
export const paidApisOf = ({ database, config }: Dependencies): PaidApis => ({
  database,
  fetch: createGuardedFetch({ allowedOrigins: config.PAID_API_ORIGINS }),
  secretsKey: config.API_SECRETS_KEY,
});

/** @throws Fault `invalid_request` where there are secrets and this installation has no key to seal them */
export function sealAll(
  { config }: Dependencies,
  productId: string,
  secrets: Readonly<Record<string, string | null>>,
): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(secrets).map(([name, secret]) => {
      if (secret === null) return [name, null];
      if (config.API_SECRETS_KEY === undefined) {
        throw new Fault('invalid_request', 'secrets: API_SECRETS_KEY is not set here, so none can be kept');
      }
      return [name, seal(secret, config.API_SECRETS_KEY, placeOf(productId, name))];
    }),
  );
}
