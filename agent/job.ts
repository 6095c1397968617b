import { defineAgent, voice } from '@livekit/agents';
import { callerIdentity, dispatchMetadata } from '../shared/api/calls.ts';
import { systemClock } from '../shared/clock.ts';
import { loadConfig } from '../shared/config/load-config.ts';
import { agentVariables } from '../shared/config/variables.ts';
import { createDatabaseClient } from '../shared/database/client.ts';
import { createLogger } from '../shared/logging.ts';
import type { EndReason } from './call/call-options.ts';
import { createCall } from './call/create-call.ts';
import { lookIntoRoom } from './call/look-for-caller.ts';
import { roomLine } from './call/room-line.ts';
import { openReporter } from './worker/reports.ts';

/**
 * One call = one job = one process. The framework's shutdown hooks are only a fast path: when they do not
 * run, the reaper settles the call at the last use reported.
 */
export default defineAgent({
  entry: async (ctx) => {
    const config = loadConfig(agentVariables, process.env);
    const ticket = dispatchMetadata.parse(JSON.parse(ctx.job.metadata));
    const logger = createLogger('call', config.LOG_LEVEL).child({ call_id: ticket.call_id });
    const report = openReporter();
    await ctx.connect();
    const identity = callerIdentity(ticket.user_id);
    const roomName = ctx.room.name ?? '';
    const { call, session } = await createCall({
      config,
      ticket: { callId: ticket.call_id, userId: ticket.user_id, roomName },
      database: createDatabaseClient(config.SUPABASE_URL, config.SUPABASE_SERVICE_ROLE_KEY),
      line: roomLine(ctx, identity, {
        look: lookIntoRoom(config, roomName, identity),
        lookEveryMs: config.PRESENCE_CHECK_SECONDS * 1000,
        deadLineMs: config.DEAD_LINE_MS,
        clock: systemClock,
        logger,
      }),
      media: {
        turnDetection: 'model',
        // Presence is ours to judge: a caller whose network fails may come back to the same conversation.
        attach: () => ({
          room: ctx.room,
          inputOptions: { participantIdentity: identity, closeOnDisconnect: false },
        }),
      },
      logger,
      onRenewalFailed: () => report({ type: 'renewal_failed' }),
    });
    session.on(voice.AgentSessionEventTypes.ConversationItemAdded, ({ item }) => {
      const latency = item.type === 'message' ? item.metrics.e2eLatency : undefined;
      if (latency !== undefined) report({ type: 'turn', latency_seconds: latency });
    });
    ctx.addShutdownCallback(async () => {
      await call.end('job_shutdown' satisfies EndReason);
    });
    const { reason, usedMs, chargedSeconds } = await call.run();
    report({ type: 'call_ended', reason, used_ms: usedMs, settled: chargedSeconds !== undefined });
    ctx.shutdown(reason);
  },
});
