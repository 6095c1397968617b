import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

const listLength = z.coerce.number().int().min(1).max(1000).default(100).describe('How many at most.');

/** Query of the operators' lists. */
export const operatorListQuery = z.object({ limit: listLength });

const timestamp = z.string().describe('RFC 3339');

const parkedItemSchema = z
  .object({
    id: z.uuid(),
    kind: z.string().describe('what is owed: `create_customer`, `notice`, …'),
    key: z.string().describe('names the effect; unique'),
    attempts: z.int(),
    created_at: timestamp,
    parked_at: timestamp,
    last_error: z.string().nullable(),
  })
  .register(apiSchemas, { id: 'ParkedItem' });

/** Answer of `GET /operator/outbox/parked`. */
export const parkedItemsResponse = z
  .object({ items: z.array(parkedItemSchema) })
  .register(apiSchemas, { id: 'ParkedItemsResponse' });

/** Answer of `POST /operator/outbox/:item_id/retry`. */
export const retryItemResponse = z
  .object({
    status: z.enum(['retried', 'waiting', 'done']).describe('`waiting` and `done`: it was not parked'),
  })
  .register(apiSchemas, { id: 'RetryItemResponse' });

/** Body of what operators decide without having to say more. */
export const mayReasonRequest = z
  .strictObject({
    reason: z.string().trim().min(1).max(500).optional().describe('Why; operators can read it ever after.'),
  })
  .register(apiSchemas, { id: 'MayReasonRequest' });

/** Answer of `POST /operator/outbox/:item_id/drop`. */
export const dropItemResponse = z
  .object({
    status: z.enum(['dropped', 'waiting', 'done']).describe('`waiting` and `done`: it was not parked'),
  })
  .register(apiSchemas, { id: 'DropItemResponse' });

/** Answer of `GET /operator/people-without-customer`. */
export const peopleWithoutCustomerResponse = z
  .object({
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
  })
  .register(apiSchemas, { id: 'PeopleWithoutCustomerResponse' });

/** Answer of `GET /operator/tenants-without-customer`. */
export const tenantsWithoutCustomerResponse = z
  .object({
    count: z.int().describe('of all of them, however many are listed'),
    tenants: z.array(
      z.object({
        tenant_id: z.uuid(),
        created_at: timestamp,
        outbox_item_id: z.uuid().nullable(),
        attempts: z.int().nullable(),
        parked_at: timestamp.nullable(),
        last_error: z.string().nullable(),
      }),
    ),
  })
  .register(apiSchemas, { id: 'TenantsWithoutCustomerResponse' });

/** Answer of `POST /operator/users/:user_id/customer` and `POST /operator/tenants/:tenant_id/customer`. */
export const repairCustomerResponse = z
  .object({
    status: z.enum(['begun', 'under_way', 'has_customer']).describe('it is made within seconds of `begun`'),
  })
  .register(apiSchemas, { id: 'RepairCustomerResponse' });
