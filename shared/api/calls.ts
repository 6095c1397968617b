import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

/**
 * Body of `POST /token`, LiveKit's standard token endpoint
 * (https://docs.livekit.io/frontends/authentication/tokens/endpoint/).
 * Clients may send these fields, and `tenant_id`, which is ours; identity, room, dispatch and metadata are always the server's own.
 */
export const tokenRequest = z
  .object({
    room_name: z.string().optional(),
    participant_name: z.string().max(100).optional(),
    participant_identity: z.string().optional(),
    participant_metadata: z.string().optional(),
    participant_attributes: z.record(z.string(), z.string()).optional(),
    room_config: z.unknown().optional(),
    tenant_id: z.uuid().toLowerCase().optional().describe('ours: the tenant whose time the call uses'),
  })
  .register(apiSchemas, { id: 'TokenRequest' });

export const tokenResponse = z
  .object({
    server_url: z.string(),
    participant_token: z.string(),
  })
  .register(apiSchemas, { id: 'TokenResponse' });

/** The name under which the worker registers and the token asks for it (LiveKit's explicit dispatch). */
export const AGENT_NAME = 'mindbot';

/** What the dispatch tells the agent about the call; written by the server, signed into the token. */
export const dispatchMetadata = z.object({
  call_id: z.uuid(),
  user_id: z.uuid(),
  tenant_id: z.uuid().optional().describe('who pays, where it is not the person'),
});

/** LiveKit identity of a person who calls. */
export const callerIdentity = (userId: string): string => `caller-${userId}`;

/** LiveKit room of a call. */
export const callRoomName = (callId: string): string => `call-${callId}`;

/** The call that a room is of. */
export const callIdOf = (roomName: string): string => roomName.replace(/^call-/, '');

/** Topic of the data messages that the agent sends to the caller's client. */
export const CALL_TOPIC = 'mindbot.call';

/** What the agent tells the caller's client during a call, as UTF-8 JSON data messages. */
export const callMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('meter'),
    call_id: z.uuid(),
    state: z
      .enum(['waiting', 'running', 'paused', 'stopped', 'desk'])
      .describe('desk: time is used up, and more can be bought while the call waits, free of charge'),
    used_ms: z.int().describe('charged for so far: less after something turned out to be free'),
    remaining_seconds: z.int(),
  }),
  z.object({ type: z.literal('warning'), call_id: z.uuid(), remaining_seconds: z.int() }),
  z.object({
    type: z.literal('desk'),
    call_id: z.uuid(),
    free_seconds: z.int().describe('how long the agent stays to sell more time'),
  }),
  z.object({
    type: z.literal('resumed'),
    call_id: z.uuid(),
    remaining_seconds: z.int().describe('left now that time was added'),
  }),
  z.object({
    type: z.literal('purchase'),
    call_id: z.uuid(),
    idempotency_key: z.string(),
    package_id: z.string(),
    price_cents: z.int(),
    currency: z.string(),
  }),
  z.object({
    type: z.literal('ended'),
    call_id: z.uuid(),
    reason: z.string(),
    charged_seconds: z.int().nullable(),
  }),
]);

export type TokenResponse = z.infer<typeof tokenResponse>;
export type DispatchMetadata = z.infer<typeof dispatchMetadata>;
export type CallMessage = z.infer<typeof callMessage>;
