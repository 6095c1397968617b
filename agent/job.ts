import { defineAgent, initializeLogger, type JobContext, voice } from '@livekit/agents';
import { callerIdentity, dispatchMetadata } from '../shared/api/calls.ts';
import { systemClock } from '../shared/clock.ts';
import { loadConfig } from '../shared/config/load-config.ts';
import { agentVariables } from '../shared/config/variables.ts';
import { createDatabaseClient } from '../shared/database/client.ts';
import { createLogger } from '../shared/logging.ts';
import { within } from '../shared/within.ts';
import type { EndReason } from './call/call-state.ts';
import { lookIntoRoom, roomServiceOf } from './call/look-for-caller.ts';
import { roomLine } from './call/room-line.ts';
import { takeDataAway, watchFloods } from './call/stop-floods.ts';
import { createCall } from './create-call.ts';
import { measuresForBill } from './measures/measure-call.ts';
import { traceJob } from './measures/tracing/trace-job.ts';
import { readPaidTools } from './paid-apis/paid-tools.ts';
import { readCallerProfile } from './person/read-caller-profile.ts';
import { roomMedia } from './room-media.ts';
import { boundStreams } from './typed/bound-streams.ts';
import { keepConnections, watchRejections } from './worker/processes.ts';
import { measuresReport, openReporter, turnReport } from './worker/reports.ts';

const CONNECTS_WITHIN_MS = 20_000;

/**
 * What the framework may take to end the process when all is done: a session that does not close is given a minute by
 * it, in which nobody else gets the place.
 */
const ENDS_WITHIN_MS = 20_000;

/** Serves the call that the job is for. @returns why it ended */
async function serve(ctx: JobContext): Promise<EndReason> {
  const config = loadConfig(agentVariables, process.env);
  const ticket = dispatchMetadata.parse(JSON.parse(ctx.job.metadata));
  // Whoever looks for the process of a call, as with `ps`, finds it by this.
  process.title = `mindbot call ${ticket.call_id}`;
  const logger = createLogger('call', config.LOG_LEVEL).child({ call_id: ticket.call_id });
  const report = openReporter();
  traceJob(ctx, config, ticket.call_id, logger);
  watchRejections(logger, () => report({ type: 'unhandled_rejection' }));
  const database = createDatabaseClient(config.SUPABASE_URL, config.SUPABASE_SERVICE_ROLE_KEY);
  const reading = readCallerProfile(database, ticket.user_id, logger);
  const payer = { userId: ticket.user_id, tenantId: ticket.tenant_id };
  const paidTools = readPaidTools({ config, ticket: payer, database, logger });
  boundStreams(ctx.room);
  const connecting = ctx.connect().then(() => true);
  if (!(await within(connecting, CONNECTS_WITHIN_MS, systemClock))) {
    logger.warn('no connection to the room of the call');
    return 'our_outage';
  }
  report({ type: 'reached', call_id: ticket.call_id, stage: 'answering' });
  const identity = callerIdentity(ticket.user_id);
  const roomName = ctx.room.name ?? '';
  const look = lookIntoRoom(config, roomName, identity);
  if (!ctx.room.remoteParticipants.has(identity) && !(await look().catch(() => true))) {
    // Gone while a process was waited for: nobody else shall wait for the place meanwhile.
    await ctx.deleteRoom().catch(() => undefined);
    return 'caller_never_came';
  }
  const flooded = () => void takeDataAway(roomServiceOf(config), { roomName, identity, logger });
  watchFloods(ctx.room, { clock: systemClock, flooded });
  const { call, session, measuring, remember } = await createCall({
    config,
    ticket: { callId: ticket.call_id, ...payer, roomName },
    database,
    line: roomLine(ctx, identity, {
      look,
      lookEveryMs: config.PRESENCE_CHECK_SECONDS * 1000,
      deadLineMs: config.DEAD_LINE_MS,
      clock: systemClock,
      logger,
    }),
    media: {
      turnDetection: 'model',
      attach: roomMedia(ctx.room, identity),
    },
    caller: await reading,
    paidTools,
    logger,
    onRenewalFailed: () => report({ type: 'renewal_failed' }),
  });
  session.on(voice.AgentSessionEventTypes.AgentStateChanged, ({ newState }) => {
    if (newState === 'speaking') report({ type: 'reached', call_id: ticket.call_id, stage: 'talking' });
  });
  measuring.onTurn((turn) => report(turnReport(turn)));
  ctx.addShutdownCallback(async () => {
    await call.end('job_shutdown' satisfies EndReason);
  });
  const { reason, chargedSeconds } = await call.run();
  const measures = measuresForBill(measuring, logger)(reason);
  if (measures) report(measuresReport(measures));
  const settled = chargedSeconds !== undefined;
  report({ type: 'call_ended', reason, charged_seconds: chargedSeconds ?? 0, settled });
  // Where another worker has the call now, that one remembers it.
  if (reason !== 'fenced') report({ type: 'memory', outcome: await remember() });
  return reason;
}

/**
 * One call = one job = one process. The framework's shutdown hooks are only a fast path: when they do not
 * run, the reaper settles the call at the last use reported.
 */
export default defineAgent({
  prewarm: keepConnections,
  entry: async (ctx) => {
    // The framework logs what people say as warnings, too, and the arguments of tools as errors.
    initializeLogger({ pretty: false, level: 'fatal' });
    let reason: EndReason = 'conversation_failed';
    try {
      reason = await serve(ctx);
    } finally {
      // Whatever happened: a job that stays takes a caller's place until the worker itself ends.
      ctx.shutdown(reason);
      setTimeout(() => process.exit(), ENDS_WITHIN_MS).unref();
    }
  },
});
