import { type CallTicket, databaseBilling } from '../../../agent/call/billing.ts';
import { Call } from '../../../agent/call/call.ts';
import type { Line, Presence } from '../../../agent/call/line.ts';
import { sentencesFor } from '../../../agent/sentences/sentences-for.ts';
import { callRoomName } from '../../../shared/api/calls.ts';
import { systemClock } from '../../../shared/clock.ts';
import { createDatabaseClient } from '../../../shared/database/client.ts';
import { createLogger } from '../../../shared/logging.ts';
import { monotonicMs } from '../presence-clock.ts';
import type { HostSettings, Order, Report } from './messages.ts';
import { scriptedConversation } from './scripted-conversation.ts';
import { ignoringItsGrant, wallClock } from './variants.ts';

/**
 * A worker process without a media server: it runs the product's own calls, meters and billing, on lines whose
 * callers the harness plays. The harness may kill, freeze and cut it off as it likes.
 */
const settings = JSON.parse(process.env.FAULTS_HOST ?? '') as HostSettings;
const database = createDatabaseClient(settings.databaseUrl, settings.secretKey);
const lines = new Map<string, { move(to: Presence): void }>();

const report = (message: Report) => process.send?.(message);
const tell = (callId: string, what: 'heard' | 'present' | 'away' | 'stopped') =>
  report({ callId, what, atMs: monotonicMs() });

function createLine(callId: string): Line & { move(to: Presence): void } {
  let presence: Presence = 'present';
  const listeners: ((presence: Presence) => void)[] = [];
  return {
    presence: () => presence,
    onPresence(listener) {
      listeners.push(listener);
    },
    send(message) {
      if (message.type !== 'meter') return;
      if (message.state === 'stopped' || message.state === 'desk') tell(callId, 'stopped');
    },
    hangUp: async () => {},
    move(to) {
      presence = to;
      // Before the product may count, and after it may not count any more: the harness is never the shorter one.
      if (to === 'present') tell(callId, 'present');
      for (const listener of listeners) listener(to);
      if (to !== 'present') tell(callId, 'away');
    },
  };
}

function createBilling(ticket: CallTicket) {
  const billing = databaseBilling(database, ticket, {
    sliceSeconds: settings.sliceSeconds,
    leaseMarginSeconds: settings.leaseMarginSeconds,
    maxCallsPerPerson: 4,
  });
  return settings.variant === 'ignores its grant' ? ignoringItsGrant(billing) : billing;
}

async function run(callId: string, userId: string): Promise<void> {
  const line = createLine(callId);
  lines.set(callId, line);
  const heard = () => tell(callId, 'heard');
  const call = new Call({
    callId,
    line,
    billing: createBilling({ callId, userId, roomName: callRoomName(callId) }),
    conversation: scriptedConversation(heard, () => tell(callId, 'stopped')),
    sentences: sentencesFor('en-US'),
    clock: settings.variant === 'wall clock' ? wallClock : systemClock,
    logger: createLogger('call', 'silent'),
    onRenewalFailed: () => {},
    settings,
  });
  const end = await call.run();
  report({ callId, atMs: monotonicMs(), what: 'ended', end });
}

process.on('message', (order: Order) => {
  if (order.do === 'move') lines.get(order.callId)?.move(order.to);
  else void run(order.callId, order.userId);
});
report({ what: 'ready' });
// The harness is gone: nobody would end this process any more.
process.on('disconnect', () => process.exit(0));
