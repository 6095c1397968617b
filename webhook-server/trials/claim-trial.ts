import { z } from 'zod';
import { hashAddress, hashEmail } from '../../shared/activation-codes/keyed-hash.ts';
import { type ClaimTrialResponse, type TrialResponse, trialResponse } from '../../shared/api/trials.ts';
import { trialOfferOf } from '../../shared/catalogue/trial-offer.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';
import { Fault, type FaultCode } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { readBalance } from '../time-cards/read-balance.ts';
import { readCard } from '../time-cards/read-card.ts';

type Claim = { userId: string /** Of the client, as `addressOf` answers it. */; address: string };

const claimAnswer = z.discriminatedUnion('status', [
  z.object({ status: z.literal('granted'), card_id: z.uuid(), replayed: z.boolean() }),
  z.object({
    status: z.enum([
      'had_one',
      'not_confirmed',
      'not_new',
      'address_had_enough',
      'day_is_over',
      'unknown_user',
      'invalid_trial',
    ]),
  }),
]);

const REFUSALS = {
  had_one: ['trial_unavailable', 'These free minutes were given to this e-mail address before.'],
  not_confirmed: [
    'forbidden',
    'Confirm your e-mail address first: the link is in the mail that we sent you.',
  ],
  not_new: ['trial_unavailable', 'The free minutes are for people who have not bought time or talked yet.'],
  address_had_enough: [
    'trial_unavailable',
    'From your network several people had free minutes lately. Try again in some weeks, or buy a small package.',
  ],
  day_is_over: ['trial_unavailable', 'All free minutes of today are given. Come back tomorrow.'],
  unknown_user: ['not_signed_in', 'This account does not exist any more. Sign up again.'],
  invalid_trial: ['internal'],
} as const satisfies Record<string, readonly [FaultCode, detail?: string]>;

/** What tells people apart who may have free minutes once: keyed hashes, as the database shall know neither address. */
async function readHashes({ database, config }: Dependencies, { userId, address }: Claim) {
  const { data, error } = await database.from('users').select('email').eq('id', userId).maybeSingle();
  if (error) throw databaseFault('users', error);
  const key = config.ACTIVATION_CODE_KEY;
  return {
    p_user_id: userId,
    // Who has no address has confirmed none, and gets nothing; the hash only has to be one.
    p_email_hash: hashEmail(key, data?.email ?? userId),
    p_address_hash: hashAddress(key, address),
    p_per_address: config.TRIALS_PER_ADDRESS,
    p_per_day: config.TRIALS_PER_DAY,
  };
}

const status = trialResponse.shape.status.or(z.literal('unknown_user'));

/** Whether somebody could have free minutes now. @throws Fault `not_signed_in`, `database_unavailable` */
export async function readTrial(deps: Dependencies, claim: Claim): Promise<TrialResponse> {
  const offer = trialOfferOf(deps.config);
  if (offer === null) return { status: 'off', offer };
  const answer = await callFunction(deps.database, 'read_trial', await readHashes(deps, claim), status);
  if (answer === 'unknown_user') throw new Fault(...REFUSALS.unknown_user);
  return { status: answer, offer };
}

/**
 * Gives a new person their free minutes, once for ever. Harmless to repeat: it answers the same card.
 * @throws Fault `trial_unavailable`, `forbidden` (the e-mail address is not confirmed), `not_signed_in`, `database_unavailable`
 */
export async function claimTrial(deps: Dependencies, claim: Claim): Promise<ClaimTrialResponse> {
  const offer = trialOfferOf(deps.config);
  if (offer === null) throw new Fault('trial_unavailable');
  const args = {
    ...(await readHashes(deps, claim)),
    p_seconds: offer.seconds,
    p_valid_days: offer.valid_days,
  };
  const answer = await callFunction(deps.database, 'claim_trial', args, claimAnswer);
  deps.metrics.trials.inc({ outcome: answer.status });
  if (answer.status !== 'granted') {
    const [code, detail]: readonly [FaultCode, detail?: string] = REFUSALS[answer.status];
    throw new Fault(code, detail);
  }
  const [card, { balance_seconds }] = await Promise.all([
    readCard(deps, answer.card_id),
    readBalance(deps, claim.userId),
  ]);
  return { card, balance_seconds, replayed: answer.replayed };
}
