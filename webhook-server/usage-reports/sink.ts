import { z } from 'zod';

/** What is reported of one usage event, frozen: it is sent word for word, however often. */
export const meterEvent = z.object({
  id: z.int(),
  tenant_id: z.uuid(),
  customer: z.string(),
  event_name: z.string(),
  identifier: z.uuid(),
  /** A whole number, as text: it may have more digits than a number of JavaScript holds. */
  value: z.string(),
  occurred_at: z.string(),
  recorded_at: z.string(),
  attempt: z.int(),
});
export type MeterEvent = z.infer<typeof meterEvent>;

/** What is known for sure of an event that was sent. `not_sent`: it has not arrived, and may be sent again. */
export type Outcome = {
  id: number;
  state: 'delivered' | 'refused' | 'too_old' | 'not_sent';
  reason?: string;
};

export type Sent = {
  /** An event that is not among them may have arrived, or not. */
  outcomes: Outcome[];
  /** Why nothing else is worth sending now. */
  away?: Error;
};

/** Where usage is billed. One stream of usage goes to one of them only. */
export type UsageSink = {
  name: string;
  /** How many events one request takes. */
  atOnce: number;
  /** What happened longer ago is not taken. */
  oldestDays: number;
  /** Never throws for what the other side does. An event that it knows already counts as delivered. */
  send(events: readonly MeterEvent[]): Promise<Sent>;
};

/** No connection was made, so nothing can have arrived. Otherwise nobody knows. */
export function neverArrived(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = Reflect.get(cause, 'detail') ?? cause.cause) {
    if (['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes(String(Reflect.get(cause, 'code')))) return true;
  }
  return false;
}
