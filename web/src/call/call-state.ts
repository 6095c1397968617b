import type { CallMessage } from '../../../shared/api/calls.ts';

type Phase = 'idle' | 'microphone' | 'connecting' | 'joined' | 'reconnecting' | 'ended';

export interface Meter {
  state: 'waiting' | 'running' | 'paused' | 'stopped' | 'desk';
  usedMs: number;
  remainingSeconds: number;
  /** The page's own monotonic clock when the message came. */
  receivedAtMs: number;
}

export interface CallState {
  phase: Phase;
  /** Of the room that was joined; null before. */
  callId: string | null;
  /** LiveKit's `lk.agent.state`, or whether the agent is not there yet or any more. */
  agent: string;
  muted: boolean;
  soundBlocked: boolean;
  meter: Meter | null;
  /** What was left at the last warning; null when there is nothing to warn of. */
  warningSeconds: number | null;
  /** While the agent waits, free of charge, for more time to be bought; until when, on the page's own clock. */
  desk: { untilMs: number } | null;
  /** What was left when bought time let the call go on. */
  resumedSeconds: number | null;
  captions: Caption[];
  /** When, on the page's own clock; nothing is counted after it. */
  ended: { reason: string; chargedSeconds: number | null; atMs: number } | null;
  error: unknown;
}

export type CallEvent =
  | { type: 'started' }
  | { type: 'phase'; phase: 'microphone' | 'connecting' | 'joined' | 'reconnecting' }
  | { type: 'agent'; state: string }
  | { type: 'muted'; muted: boolean }
  | { type: 'sound'; blocked: boolean }
  | { type: 'caption'; caption: Caption }
  | { type: 'message'; message: CallMessage; atMs: number }
  | { type: 'call'; callId: string }
  | { type: 'left'; reason: string; atMs: number }
  | { type: 'failed'; error: unknown }
  | { type: 'error_seen' };

export const noCall: CallState = {
  phase: 'idle',
  callId: null,
  agent: 'absent',
  muted: false,
  soundBlocked: false,
  meter: null,
  warningSeconds: null,
  desk: null,
  resumedSeconds: null,
  captions: [],
  ended: null,
  error: null,
};

/** What the page knows about the call after one more event. */
export function nextCallState(state: CallState, event: CallEvent): CallState {
  switch (event.type) {
    case 'started':
      return { ...noCall, phase: 'connecting' };
    case 'phase':
      return { ...state, phase: event.phase };
    case 'call':
      return { ...state, callId: event.callId };
    case 'agent':
      return { ...state, agent: event.state };
    case 'muted':
      return { ...state, muted: event.muted };
    case 'sound':
      return { ...state, soundBlocked: event.blocked };
    case 'caption':
      return { ...state, captions: withCaption(state.captions, event.caption) };
    case 'message':
      return afterMessage(state, event.message, event.atMs);
    case 'left':
      // The agent's own account of the end is better than what the connection says.
      return {
        ...state,
        phase: 'ended',
        ended: state.ended ?? { reason: event.reason, chargedSeconds: null, atMs: event.atMs },
      };
    case 'failed':
      return { ...state, phase: 'idle', error: event.error };
    case 'error_seen':
      return { ...state, error: null };
  }
}

/** Whether a call goes on, which leaving the page would end. */
export function isLive(call: CallState): boolean {
  return call.ended === null && call.phase !== 'idle' && call.phase !== 'ended';
}

/** Whether time is used up and more can be bought in the call. */
export function isAtDesk(call: CallState): boolean {
  const live = call.phase === 'joined' || call.phase === 'reconnecting';
  return live && call.ended === null && (call.desk !== null || call.meter?.state === 'desk');
}

function afterMessage(state: CallState, message: CallMessage, atMs: number): CallState {
  switch (message.type) {
    case 'meter': {
      const { state: running, used_ms, remaining_seconds } = message;
      const meter = {
        state: running,
        usedMs: used_ms,
        remainingSeconds: remaining_seconds,
        receivedAtMs: atMs,
      };
      // More left than at the warning: time was bought, so the warning is over.
      const over = state.warningSeconds !== null && remaining_seconds > state.warningSeconds;
      return {
        ...state,
        meter,
        warningSeconds: over ? null : state.warningSeconds,
        // Billed again: should the news of it be lost, this says so, too.
        desk: running === 'running' ? null : state.desk,
      };
    }
    case 'warning':
      return { ...state, warningSeconds: message.remaining_seconds };
    case 'desk':
      return {
        ...state,
        warningSeconds: null,
        desk: { untilMs: atMs + message.free_seconds * 1000 },
        resumedSeconds: null,
      };
    case 'resumed':
      return { ...state, warningSeconds: null, desk: null, resumedSeconds: message.remaining_seconds };
    case 'ended':
      return {
        ...state,
        desk: null,
        ended: { reason: message.reason, chargedSeconds: message.charged_seconds, atMs },
      };
    case 'purchase':
      return state;
  }
}

export interface Caption {
  segmentId: string;
  speaker: 'agent' | 'caller';
  text: string;
  /** False while the words may still change. */
  final: boolean;
}

/** Long calls would otherwise slow the page down. */
const KEEP = 300;

/** Adds a segment, or brings a known one up to date; what is final stays as it is. */
function withCaption(captions: Caption[], update: Caption): Caption[] {
  const index = captions.findIndex((caption) => caption.segmentId === update.segmentId);
  if (index === -1) return [...captions, update].slice(-KEEP);
  // Streams of one segment are read side by side, so an interim one may be read to its end after the final one.
  if (captions[index]?.final && !update.final) return captions;
  return captions.with(index, update);
}
