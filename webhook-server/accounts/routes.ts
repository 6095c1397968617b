import { analyticsResponse, balanceResponse } from '../../shared/api/accounts.ts';
import { route } from '../http/route.ts';
import { readBalance } from '../time-cards/read-balance.ts';
import { readAnalytics } from './read-analytics.ts';

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
