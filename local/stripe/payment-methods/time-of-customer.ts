import type { Call } from '../api/route.ts';

/** The time of a customer: that of their test clock, if they have one. */
export function timeOf(call: Call, customerId: string): number {
  const clock = call.store.find('customer', customerId)?.test_clock;
  const found = typeof clock === 'string' ? call.store.find('test_helpers.test_clock', clock) : undefined;
  return found?.frozen_time ?? call.nowSeconds;
}

/** Whether time passes for a customer only when somebody moves it. */
export function hasClock(call: Call, customerId: string): boolean {
  return typeof call.store.find('customer', customerId)?.test_clock === 'string';
}
