import { Fault } from '../../shared/errors.ts';
import type { PaidApis } from '../../shared/paid-apis/execute-product.ts';
import { createGuardedFetch } from '../../shared/paid-apis/guarded-fetch.ts';
import { placeOf, seal } from '../../shared/paid-apis/seal.ts';
import { askerOf } from '../base/ask-function.ts';
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
} as const;
/** Asks a function about wallets and paid APIs. */
export const askPaidApis = askerOf(REFUSALS);

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
