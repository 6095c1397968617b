import { type AnalyticsResponse, analyticsResponse, balanceResponse } from '../../shared/api/accounts.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { route } from '../http/route.ts';
import { readBalance } from '../time-cards/read-balance.ts';

/**
 * A person's use of the last 30 days, totals, and payments.
 * @throws Fault `database_unavailable`
 */
async function readAnalytics(database: DatabaseClient, userId: string): Promise<AnalyticsResponse> {
  const answer = analyticsResponse.omit({ user_id: true });
  return {
    user_id: userId,
    ...(await callFunction(database, 'get_user_analytics', { p_user_id: userId }, answer)),
  };
}

/** What a person owns, and what became of it. */
export const accountRoutes = [
  route({
    operationId: 'readBalance',
    tag: 'time',
    method: 'get',
    path: '/user/:user_id/balance',
    access: 'self',
    summary: 'Your time, and the cards it is on',
    answer: balanceResponse,
    handle: ({ deps, userId }) => readBalance(deps, userId),
  }),
  route({
    operationId: 'readUsage',
    tag: 'time',
    method: 'get',
    path: '/user/:user_id/analytics',
    access: 'self',
    summary: 'Your use of the last 30 days, totals and payments',
    answer: analyticsResponse,
    handle: ({ deps, userId }) => readAnalytics(deps.database, userId),
  }),
];
