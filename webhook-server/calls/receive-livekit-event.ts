import { type WebhookEvent, WebhookReceiver } from 'livekit-server-sdk';
import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { requireLiveKit } from './livekit-config.ts';

async function verify(deps: Dependencies, body: unknown, token: string | undefined): Promise<WebhookEvent> {
  const { apiKey, apiSecret } = requireLiveKit(deps.config);
  try {
    const text = Buffer.isBuffer(body) ? body.toString('utf8') : '';
    return await new WebhookReceiver(apiKey, apiSecret).receive(text, token);
  } catch (cause) {
    throw new Fault('not_signed_in', 'This webhook is not signed by our LiveKit server.', { cause });
  }
}

/**
 * Takes a webhook of LiveKit (https://docs.livekit.io/home/server/webhooks/). It may be late, repeated or
 * never come, so it only lets the reaper look sooner; it never charges or ends anything.
 * @param body the bytes as received; the token holds their hash
 * @throws Fault `not_signed_in`, `calls_unavailable`, `database_unavailable`
 */
export async function receiveLiveKitEvent(
  deps: Dependencies,
  body: unknown,
  token: string | undefined,
): Promise<void> {
  const { event, room } = await verify(deps, body, token);
  deps.metrics.livekitEvents.inc({ event: event || 'unknown' });
  if (event === 'room_finished' && room !== undefined) {
    await callFunction(deps.database, 'room_finished', { p_room_name: room.name }, z.boolean());
  }
}
