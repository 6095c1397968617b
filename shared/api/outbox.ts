import { z } from 'zod';

const listLength = z.coerce.number().int().min(1).max(1000).default(100);

/** Query of the operators' lists. */
export const operatorListQuery = z.object({ limit: listLength });

const timestamp = z.string().describe('RFC 3339');

export const parkedItemSchema = z.object({
  id: z.uuid(),
  kind: z.string().describe('what is owed: `create_customer`, `notice`, …'),
  key: z.string().describe('names the effect; unique'),
  attempts: z.int(),
  created_at: timestamp,
  parked_at: timestamp,
  last_error: z.string().nullable(),
});

/** Answer of `GET /operator/outbox/parked`. */
export const parkedItemsResponse = z.object({ items: z.array(parkedItemSchema) });

/** Answer of `POST /operator/outbox/:item_id/retry`. */
export const retryItemResponse = z.object({
  status: z.enum(['retried', 'waiting', 'done']).describe('`waiting` and `done`: it was not parked'),
});

/** Answer of `GET /operator/people-without-customer`. */
export const peopleWithoutCustomerResponse = z.object({
  count: z.int().describe('of all of them, however many are listed'),
  people: z.array(
    z.object({
      user_id: z.uuid(),
      signed_up_at: timestamp,
      outbox_item_id: z.uuid().nullable(),
      attempts: z.int().nullable(),
      parked_at: timestamp.nullable(),
      last_error: z.string().nullable(),
    }),
  ),
});

/** Answer of `POST /operator/users/:user_id/customer`. */
export const repairCustomerResponse = z.object({
  status: z.enum(['begun', 'under_way', 'has_customer']).describe('it is made within seconds of `begun`'),
});
