import { type AnalyticsResponse, analyticsResponse } from '../../shared/api/accounts.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';

/**
 * A person's use of the last 30 days, totals, and payments.
 * @throws Fault `database_unavailable`
 */
export async function readAnalytics(database: DatabaseClient, userId: string): Promise<AnalyticsResponse> {
  const answer = analyticsResponse.omit({ user_id: true });
  return {
    user_id: userId,
    ...(await callFunction(database, 'get_user_analytics', { p_user_id: userId }, answer)),
  };
}
