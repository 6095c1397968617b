import type { CallMessage } from '../../shared/api/calls.ts';
import type { FaultCode } from '../../shared/errors.ts';
import type { GoodbyeReason } from '../sentences/sentences.ts';
import type { Activity } from '../speech/watch-activity.ts';
import type { Opening } from './billing.ts';
import type { Role } from './conversation.ts';
import type { Presence } from './line.ts';
import { type Meter, newMeter, type RenewalAnswer, type RenewalRequest, type StopReason } from './meter.ts';
import { NO_SERVICE, type Service } from './service.ts';
import type { Window } from './windows.ts';

/** Why a call ended, as it stands on the receipt. */
export type EndReason =
  | StopReason
  | 'caller_hung_up'
  | 'caller_never_came'
  | 'never_heard'
  | 'said_goodbye'
  | 'silence'
  | 'line_lost'
  | 'our_outage'
  | 'provider_outage'
  | 'refused'
  | 'conversation_failed'
  | 'job_shutdown';

/** What is not given is not done. */
export type CallSettings = {
  sliceSeconds: number;
  /** How long a caller whose line is cut may take to come back. */
  reconnectGraceSeconds: number;
  /** How long the agent stays, free of charge, to sell more time. */
  deskSeconds?: number;
  /** How long it stays so for one person within a day, in all their calls. */
  deskSecondsPerDay?: number;
  /** After how many answers it stays no longer: buying takes a few, and nobody shall have a conversation instead. */
  deskAnswers?: number;
  /** After how many words of the caller's: buying takes some, and nobody shall dictate instead. */
  deskWords?: number;
  /** Silence after which the agent asks whether the caller is there, and after which it says goodbye then. */
  silenceAskSeconds?: number;
  silenceGoodbyeSeconds?: number;
};

/**
 * Where a call stands. What is counted meanwhile is the meter's phase (`windows.ts`): `talking` pauses while the
 * caller's line, our own or a provider is down. Nothing leads back from `goodbye`, and only the bill from `ended`.
 */
export type Stage =
  /** The call is being opened and the conversation begun; both have to be done before the caller is greeted. */
  | {
      name: 'connecting';
      opening: 'not asked' | 'asked' | 'open' | { refused: FaultCode };
      conversation: 'starting' | 'started' | 'failed';
    }
  /** For the caller to come, and to hear the first word. */
  | { name: 'waiting' }
  | { name: 'talking' }
  /** Time is used up. The agent sells more, free of charge. */
  | { name: 'desk'; roleChange: number }
  /** Time was bought, and the agent is on its way back to the conversation. */
  | { name: 'resuming'; roleChange: number }
  | { name: 'goodbye'; reason: EndReason }
  | { name: 'ended'; reason: EndReason; bill: Bill; closing: Closing };

/** What is known of the bill. `chargedSeconds` is undefined when this worker did not write it. */
export type Bill =
  | { is: 'opening' }
  | { is: 'settling'; figures: Figures; tries: number }
  | { is: 'known'; usedMs: number; chargedSeconds: number | undefined };

export type Figures = { usedMs: number; restoredMs: number; windows: readonly Window[] };

/** What a call that has ended waits for: the bill, for a while, then the line, then the conversation. */
export type Closing = 'bill' | 'line' | 'conversation' | 'nothing';

/** How the call ended. */
export type CallEnd = { reason: EndReason; usedMs: number; chargedSeconds: number | undefined };

/** What the call waits for besides the meter's own times. */
export type Timer =
  | 'absence'
  | 'greet_again'
  | 'unheard'
  | 'deaf'
  | 'quiet'
  | 'silence'
  | 'notice'
  | 'desk'
  | 'role_change'
  | 'goodbye'
  | 'settle_again'
  | 'closing';

/** Everything that a call knows of itself: a value, which only `step` answers anew. */
export type State = Readonly<{
  settings: CallSettings;
  stage: Stage;
  meter: Meter;
  presence: Presence;
  /** Since the caller was away, nobody has welcomed them back. */
  wasAway: boolean;
  /** When the caller first was there to be greeted. */
  arrivedAtMs?: number;
  /** How often the caller's line has carried nothing for a while. */
  deadLines: number;
  /** When the caller was served: no dead line gives that back. */
  service: Service;
  /** What the person's earlier calls had of desks within a day; answers, and words of the caller, since this one opened. */
  earlierDeskMs: number;
  /** Who pays has reached a threshold of spending, and nobody was told yet. */
  hasSpendWarning: boolean;
  /** For how long this one is open, in all. */
  deskFreeSeconds: number;
  deskAnswers: number;
  deskWords: number;
  /** What was noticed of providers: turns in a row without an answer, and since when nothing said arrives. */
  unansweredTurns: number;
  /** Since when the caller goes on talking after a turn without an answer, and whether that is billed by now. */
  talkOn?: { sinceMs: number; isBilled: boolean } | undefined;
  sttLostSinceMs?: number | undefined;
  /** Whether the agent is silent, and whether it has asked if anybody is there. */
  isAgentQuiet: boolean;
  hasAskedWhetherThere: boolean;
  /**
   * What is left of the silence when the agent is quiet again; whether nothing was said in it yet, so that it begins
   * where the agent's answer ends; and whether it has waited for words once.
   */
  silenceLeftMs: number;
  isSilenceNew: boolean;
  hasWaitedForWords: boolean;
  /** When there was sound on the caller's side last. */
  noiseSinceMs?: number | undefined;
  /** The lowest threshold that the caller was warned at, in seconds left; infinite when none. */
  warnedAtSeconds: number;
  /** What the caller was last told, or could conclude. */
  lastKnown?: { remainingSeconds: number; liveCalls: number };
  hasToldOfOtherCall: boolean;
  roleChanges: number;
  /** When each is due, on the call's clock. */
  timers: Readonly<Partial<Record<Timer, number>>>;
}>;

/** What happens to a call. `atMs` is when, and all other times are on the same clock: the call's, monotonic. */
export type Event = { atMs: number } & (
  | { type: 'run'; presence: Presence }
  | { type: 'opened'; opening: Opening }
  | { type: 'refused'; code: FaultCode }
  | { type: 'conversation_started' }
  | { type: 'conversation_not_started' }
  /** It has ended by itself. */
  | { type: 'conversation_closed'; reason: 'conversation_failed' | 'job_shutdown' }
  /** `sinceMs` where it is known only now. */
  | { type: 'presence'; presence: Presence; sinceMs?: number | undefined }
  /** The agent's voice begins to reach the caller. */
  | { type: 'heard' }
  | { type: 'activity'; activity: Activity }
  /** So many words of what the caller says were written down. */
  | { type: 'written'; words: number }
  | { type: 'answer' }
  | { type: 'no_answer'; sinceMs: number }
  | { type: 'late_answer'; sinceMs: number }
  /** What the caller says arrives nowhere since then; undefined when it does again. */
  | { type: 'stt'; lostSinceMs: number | undefined }
  /** Somebody wants the figures to be up to date. */
  | { type: 'renewal_wanted' }
  | { type: 'renewal'; id: number; answer: RenewalAnswer }
  /** So much of the desk that is open is free, for all calls of the person together. */
  | { type: 'desk_reserved'; seconds: number }
  | { type: 'role_changed'; roleChange: number; isDone: boolean }
  | { type: 'goodbye_wanted' }
  | { type: 'goodbye_said' }
  | { type: 'end_wanted'; reason: EndReason }
  /** Undefined when another worker settled. */
  | { type: 'settled'; chargedSeconds: number | undefined }
  | { type: 'not_settled' }
  | { type: 'line_closed' }
  | { type: 'conversation_ended' }
  | { type: 'due'; timer: Timer | 'renewal' | 'grant' }
);

/** What the agent says by itself; the words are in `agent/sentences`. */
export type Speech =
  | { say: 'greeting'; remainingSeconds: number; expiringSeconds: number }
  | {
      say:
        | 'welcomeBack'
        | 'unsteadyLine'
        | 'apology'
        | 'areYouThere'
        | 'otherCall'
        | 'spendWarning'
        | 'farewell';
    }
  | { say: 'warning' | 'timeAdded' | 'thanksForTime'; remainingSeconds: number }
  | { say: 'deskOpens'; freeSeconds: number }
  | { say: 'goodbye'; reason: GoodbyeReason }
  | { say: 'refusal'; code: FaultCode };

type WithoutCallId<Message> = Message extends unknown ? Omit<Message, 'call_id'> : never;
export type Message = Exclude<WithoutCallId<CallMessage>, { type: 'purchase' }>;

/** What is to be done. Each that ends with something else than itself is answered by an event. */
export type Effect =
  /** Answered by `opened` or `refused`. */
  | { type: 'open' }
  /** Answered by `conversation_started` or `conversation_not_started`. */
  | { type: 'start_conversation' }
  | { type: 'prepare'; speeches: readonly Speech[] }
  | { type: 'say'; speech: Speech }
  /** Said when nobody speaks; later ones replace earlier ones on the same topic. */
  | { type: 'say_between_turns'; speech: Speech; topic: 'time' | 'other_call' | 'spend' }
  | { type: 'hush' }
  /** Takes what the caller says and types from now on, or does not. */
  | { type: 'listen'; isOn: boolean }
  /** The line of this caller dies again and again: an operator may want to know. */
  | { type: 'note_dead_lines'; times: number }
  /** Answered by `goodbye_said`. */
  | { type: 'say_goodbye'; speech: Speech; deadlineMs: number }
  /** Answered by `role_changed`. */
  | { type: 'change_role'; role: Role; roleChange: number }
  /** Answered by `desk_reserved`. */
  | { type: 'reserve_desk'; hadMs: number; seconds: number }
  | { type: 'send'; message: Message }
  /** Answered by `renewal`. */
  | { type: 'renew'; request: RenewalRequest }
  /** Answered by `settled` or `not_settled`. */
  | { type: 'settle'; figures: Figures; reason: EndReason }
  /** The reaper will settle at the last reported use: the caller pays less then, never more. */
  | { type: 'leave_to_reaper' }
  /** Answered by `line_closed`. */
  | { type: 'close_line' }
  /** Answered by `conversation_ended`. */
  | { type: 'close_conversation' }
  | { type: 'finish'; end: CallEnd };

/** A call before anything has happened. */
export function newCall(settings: CallSettings, presence: Presence, nowMs: number): State {
  const restPhase = (settings.deskSeconds ?? 0) > 0 ? 'desk' : 'goodbye';
  return {
    settings,
    stage: { name: 'connecting', opening: 'not asked', conversation: 'starting' },
    meter: newMeter(settings.sliceSeconds, restPhase, nowMs),
    presence,
    wasAway: false,
    deadLines: 0,
    service: NO_SERVICE,
    earlierDeskMs: 0,
    hasSpendWarning: false,
    deskFreeSeconds: 0,
    deskAnswers: 0,
    deskWords: 0,
    unansweredTurns: 0,
    isAgentQuiet: true,
    hasAskedWhetherThere: false,
    silenceLeftMs: (settings.silenceAskSeconds ?? 0) * 1000,
    isSilenceNew: true,
    hasWaitedForWords: false,
    warnedAtSeconds: Number.POSITIVE_INFINITY,
    hasToldOfOtherCall: false,
    roleChanges: 0,
    timers: {},
  };
}
