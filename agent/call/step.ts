import type { Effect, Event, Stage, State } from './call-state.ts';
import { giveNotice, renewNow } from './counting.ts';
import {
  answeredAtDesk,
  deskReserved,
  grantIsDue,
  renewalAnswered,
  roleChanged,
  roleChangeFailed,
  writtenAtDesk,
} from './desk.ts';
import {
  closed,
  end,
  goOnClosing,
  goodbyeIsOver,
  notSettled,
  refuse,
  sayGoodbye,
  settleAgain,
  settled,
  writeBill,
} from './ending.ts';
import { expiringSeconds, openMeter, remainingSeconds } from './meter.ts';
import {
  absentForTooLong,
  answeredLate,
  greetAgain,
  heard,
  notAnswered,
  noticed,
  presenceChanged,
  reasonOfAbsence,
  silent,
  sttChanged,
  turnAnswered,
  unheard,
} from './watching.ts';
import { change, clearTimers, emit, mayListen, type Work } from './work.ts';

type Of<Type extends Event['type']> = Extract<Event, { type: Type }>;

/**
 * One step of a call: what it is after an event, and what is to be done about it. Pure: the time is the event's,
 * the effects are data, and everything that is waited for stands in the state (`dueTimes`).
 */
export function step(state: State, event: Event): [State, Effect[]] {
  const work: Work = { state, effects: [], nowMs: event.atMs };
  (HANDLERS[event.type] as (work: Work, event: Event) => void)(work, event);
  const isOn = mayListen(work.state);
  if (isOn !== mayListen(state)) emit(work, { type: 'listen', isOn });
  return [work.state, work.effects];
}

/** When each thing that the call waits for is due, on its clock. An event `due` tells it then. */
export function dueTimes({ meter, timers }: State): Partial<Record<Of<'due'>['timer'], number>> {
  return {
    ...timers,
    ...(meter.renewAtMs !== undefined && { renewal: meter.renewAtMs }),
    ...(meter.grantEndsAtMs !== undefined && { grant: meter.grantEndsAtMs }),
  };
}

const HANDLERS: { [Type in Event['type']]: (work: Work, event: Of<Type>) => void } = {
  run,
  opened,
  refused,
  conversation_started: (work) => conversationReady(work, 'started'),
  conversation_not_started: (work) => conversationReady(work, 'failed'),
  conversation_closed: conversationClosed,
  presence: (work, { presence, sinceMs }) => presenceChanged(work, presence, sinceMs),
  heard,
  activity: (work, { activity }) => noticed(work, activity),
  answer: (work) => {
    turnAnswered(work);
    answeredAtDesk(work);
  },
  written: (work, { words }) => writtenAtDesk(work, words),
  no_answer: (work, { sinceMs }) => notAnswered(work, sinceMs),
  late_answer: (work, { sinceMs }) => answeredLate(work, sinceMs),
  stt: (work, { lostSinceMs }) => sttChanged(work, lostSinceMs),
  renewal_wanted: renewNow,
  renewal: (work, { id, answer }) => renewalAnswered(work, id, answer),
  desk_reserved: (work, { seconds }) => deskReserved(work, seconds),
  role_changed: (work, { roleChange, isDone }) => roleChanged(work, roleChange, isDone),
  goodbye_wanted: goodbyeWanted,
  goodbye_said: goodbyeIsOver,
  end_wanted: (work, { reason }) => end(work, reason),
  settled: (work, { chargedSeconds }) => settled(work, chargedSeconds),
  not_settled: notSettled,
  line_closed: (work) => closed(work, 'line'),
  conversation_ended: (work) => closed(work, 'conversation'),
  due: (work, { timer }) => due(work, timer),
};

const WHEN_DUE: Record<Of<'due'>['timer'], (work: Work) => void> = {
  renewal: renewNow,
  grant: grantIsDue,
  absence: absentForTooLong,
  greet_again: greetAgain,
  unheard,
  deaf: (work) => sayGoodbye(work, 'provider_outage'),
  quiet: (work) => sayGoodbye(work, 'provider_outage'),
  silence: silent,
  notice: giveNotice,
  desk: (work) => sayGoodbye(work, 'time_used_up'),
  role_change: roleChangeFailed,
  goodbye: goodbyeIsOver,
  settle_again: settleAgain,
  closing: goOnClosing,
};

function due(work: Work, timer: Of<'due'>['timer']): void {
  // One that was called off in the same moment.
  if (dueTimes(work.state)[timer] === undefined) return;
  if (timer !== 'renewal' && timer !== 'grant') clearTimers(work, timer);
  WHEN_DUE[timer](work);
}

function run(work: Work, { presence }: Of<'run'>): void {
  const { stage } = work.state;
  if (stage.name !== 'connecting' || stage.opening !== 'not asked') return;
  change(work, { presence, stage: { ...stage, opening: 'asked' } });
  emit(work, { type: 'open' }, { type: 'start_conversation' });
}

/** Whether the database was asked to open the call, and has not answered yet. */
const isAsked = (stage: Stage): stage is Extract<Stage, { name: 'connecting' | 'ended' }> =>
  (stage.name === 'connecting' && stage.opening === 'asked') ||
  (stage.name === 'ended' && stage.bill.is === 'opening');

function opened(work: Work, { opening }: Of<'opened'>): void {
  const { stage } = work.state;
  if (!isAsked(stage)) return;
  const meter = openMeter(work.state.meter, opening, work.nowMs);
  change(work, { meter, earlierDeskMs: opening.deskMs, hasSpendWarning: opening.hasSpendWarning === true });
  if (stage.name === 'ended') return void writeBill(work, stage.reason);
  change(work, { stage: { ...stage, opening: 'open' } });
  // The greeting, so that it plays the moment the caller is there. With another balance by then it is made anew.
  const greeting = {
    say: 'greeting',
    remainingSeconds: remainingSeconds(meter, work.nowMs),
    expiringSeconds: expiringSeconds(meter, work.nowMs),
  } as const;
  emit(work, { type: 'prepare', speeches: [greeting] });
  beginIfReady(work);
}

function refused(work: Work, { code }: Of<'refused'>): void {
  const { stage } = work.state;
  if (!isAsked(stage)) return;
  if (stage.name === 'ended') return void writeBill(work, stage.reason);
  change(work, { stage: { ...stage, opening: { refused: code } } });
  beginIfReady(work);
}

function conversationReady(work: Work, conversation: 'started' | 'failed'): void {
  const { stage } = work.state;
  if (stage.name !== 'connecting') return;
  change(work, { stage: { ...stage, conversation } });
  beginIfReady(work);
}

/** Once the call is open and the conversation has begun, the caller is greeted when there. */
function beginIfReady(work: Work): void {
  const { presence, stage, sttLostSinceMs } = work.state;
  if (stage.name !== 'connecting' || stage.conversation === 'starting') return;
  if (typeof stage.opening === 'object')
    return void refuse(work, { say: 'refusal', code: stage.opening.refused });
  if (stage.opening !== 'open') return;
  if (stage.conversation === 'failed') return void end(work, 'conversation_failed');
  change(work, { stage: { name: 'waiting' } });
  if (sttLostSinceMs !== undefined) sttChanged(work, sttLostSinceMs);
  presenceChanged(work, presence);
}

/** A conversation without its room ends, too: why the room is gone is what counts. */
function conversationClosed(work: Work, { reason }: Of<'conversation_closed'>): void {
  const { presence } = work.state;
  end(work, (presence !== 'awaited' && reasonOfAbsence(presence)) || reason);
}

function goodbyeWanted(work: Work): void {
  const { meter, stage } = work.state;
  if (!meter.isOpen) return;
  const isForTime = stage.name === 'desk' || stage.name === 'resuming';
  sayGoodbye(work, isForTime ? 'time_used_up' : 'said_goodbye', { say: 'farewell' });
}
