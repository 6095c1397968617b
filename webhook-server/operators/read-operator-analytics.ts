import { type OperatorAnalytics, operatorAnalyticsResponse } from '../../shared/api/operator-analytics.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';

/**
 * What calls were like, cost and earned, by day.
 * @throws Fault `database_unavailable`
 */
export async function readOperatorAnalytics(
  { database }: Dependencies,
  days: number,
): Promise<OperatorAnalytics> {
  return callFunction(database, 'operator_analytics', { p_days: days }, operatorAnalyticsResponse);
}
