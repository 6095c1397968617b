import type { CallConfig } from '../../shared/config/variables.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { batchedRenewal } from './batched-renewal.ts';
import { type Billing, type CallTicket, databaseBilling } from './billing.ts';

/** The money side of a call as it is configured. `measuresOf` is asked for what goes with the bill. */
export function createBilling(
  config: CallConfig,
  ticket: CallTicket,
  database: DatabaseClient,
  measuresOf: Parameters<typeof databaseBilling>[4],
): Billing {
  const { RENEWAL_URL: url, SUPABASE_SERVICE_ROLE_KEY: key } = config;
  const settings = {
    sliceSeconds: config.SLICE_SECONDS,
    leaseMarginSeconds: config.LEASE_MARGIN_SECONDS,
    maxCallsPerPerson: config.MAX_CALLS_PER_PERSON,
  };
  const batched = url === undefined ? undefined : batchedRenewal(url, key);
  return databaseBilling(database, ticket, settings, batched, measuresOf);
}
