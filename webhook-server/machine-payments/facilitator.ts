import { HTTPFacilitatorClient } from '@x402/core/server';
import type { PaymentPayload, PaymentRequirements } from '@x402/core/types';
import type { SidecarConfig } from '../../shared/config/variables.ts';

/** What became of a payment, as far as it is known. */
export type Outcome =
  | { outcome: 'settled'; transaction: string }
  /** Nothing was taken, and nothing can be any more by this request. */
  | { outcome: 'failed'; failure: string }
  /** Nobody knows: it may have been taken. */
  | { outcome: 'pending'; transaction: string | null };

/**
 * Reasons that a facilitator finds before it sends anything to a chain. Whatever else it says, a transaction may be on
 * its way, and then only the chain knows.
 */
const BEFORE_ANYTHING =
  /signature$|mismatch|unsupported|invalid_(scheme|network|payload|x402_version|payment_requirements)|insufficient_(funds|balance)|valid_before|valid_after|expired|missing_eip712/;

export type Facilitator = {
  /** Why a payment would not be taken, or null. Sends nothing to the chain. @throws where there is no answer */
  refusalOf(payload: PaymentPayload, requirements: PaymentRequirements): Promise<string | null>;
  settle(payload: PaymentPayload, requirements: PaymentRequirements, isFirst: boolean): Promise<Outcome>;
  /** Who pays the fees of a chain, where a payer has to name them. @throws where there is no answer */
  feePayerOf(network: string): Promise<string | undefined>;
};

/** So long the fee payers of a facilitator are believed. */
const KNOWN_MS = 600_000;

export function createFacilitator(
  config: Pick<SidecarConfig, 'X402_FACILITATOR_URL' | 'X402_FACILITATOR_TOKEN' | 'X402_SETTLE_MS'>,
): Facilitator {
  const token = config.X402_FACILITATOR_TOKEN;
  const headers = { Authorization: `Bearer ${token}` };
  const client = new HTTPFacilitatorClient({
    url: config.X402_FACILITATOR_URL ?? '',
    timeoutMs: config.X402_SETTLE_MS,
    ...(token !== undefined && {
      createAuthHeaders: async () => ({ verify: headers, settle: headers, supported: headers }),
    }),
  });
  let supported: ReturnType<typeof client.getSupported> | undefined;
  let knownUntil = 0;
  return {
    async refusalOf(payload, requirements) {
      const { isValid, invalidReason } = await client.verify(payload, requirements);
      return isValid ? null : (invalidReason ?? 'invalid');
    },
    async settle(payload, requirements, isFirst) {
      try {
        const answer = await client.settle(payload, requirements);
        const transaction = answer.transaction === '' ? null : answer.transaction;
        if (answer.success && transaction !== null) return { outcome: 'settled', transaction };
        const failure = answer.errorReason ?? 'unknown';
        // A repeat that is refused says nothing of the first one: a payment that was taken is refused, too.
        const isCertain = isFirst && transaction === null && BEFORE_ANYTHING.test(failure);
        return isCertain ? { outcome: 'failed', failure } : { outcome: 'pending', transaction };
      } catch {
        return { outcome: 'pending', transaction: null };
      }
    },
    async feePayerOf(network) {
      if (supported === undefined || performance.now() > knownUntil) {
        supported = client.getSupported();
        knownUntil = performance.now() + KNOWN_MS;
        supported.catch(() => {
          supported = undefined;
        });
      }
      const { kinds } = await supported;
      const kind = kinds.find(
        (one) => one.x402Version === 2 && one.scheme === 'exact' && one.network === network,
      );
      const feePayer = kind?.extra?.feePayer;
      return typeof feePayer === 'string' ? feePayer : undefined;
    },
  };
}
