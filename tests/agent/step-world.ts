import type { Event, State } from '../../agent/call/call-state.ts';
import type { Presence } from '../../agent/call/line.ts';

/** How long it is free to ask again after a turn without an answer. */
const ASK_AGAIN_MS = 20_000;

export const isLive = ({ stage }: State) => ['waiting', 'talking', 'desk', 'resuming'].includes(stage.name);

/** What the world around a call knows by itself, without asking it: what the call does is held against this. */
export class StepWorld {
  presence: Presence;
  hasHeard = false;
  unanswered = 0;
  isDeaf = false;
  /** Whether what the agent says now is an answer. */
  isAnswered = false;
  heardAtMs = Number.NEGATIVE_INFINITY;
  busyFromMs: number | undefined;
  busy: { fromMs: number; toMs: number }[] = [];
  deskAnswers = 0;
  deskWords = 0;
  /** Until when what was said was billed for all that a turn without an answer gives back. */
  servedUntilMs = Number.NEGATIVE_INFINITY;
  /** Since when the caller talks on after a turn without an answer, and whether it is billed by now. */
  #talksOnSinceMs: number | undefined;
  #paysForTalk = false;

  constructor(presence: Presence) {
    this.presence = presence;
  }

  /** Whether a provider is out, and nobody makes more of it than asking again, or is answered all the same. */
  isOut = (): boolean => (this.unanswered > 0 && !this.#paysForTalk) || (this.isDeaf && !this.isAnswered);

  note(happened: Event, before: State): void {
    if (happened.type === 'presence') this.presence = happened.presence;
    if (happened.type === 'answer') this.unanswered = 0;
    if (happened.type === 'no_answer' && isLive(before)) this.unanswered++;
    this.servedUntilMs = this.#paysForTalk ? this.heardAtMs : Number.NEGATIVE_INFINITY;
    if (happened.type === 'answer' || happened.type === 'no_answer') {
      this.#talksOnSinceMs = undefined;
      this.#paysForTalk = false;
    }
    if (happened.type === 'stt') this.isDeaf = happened.lostSinceMs !== undefined;
    this.#noteTalk(happened);
    const isAtDesk = before.stage.name === 'desk';
    this.deskAnswers = isAtDesk ? this.deskAnswers + (happened.type === 'answer' ? 1 : 0) : 0;
    this.deskWords = isAtDesk ? this.deskWords + (happened.type === 'written' ? happened.words : 0) : 0;
    if (happened.type === 'heard' && isLive(before) && this.presence === 'present') this.hasHeard = true;
  }

  #noteTalk(happened: Event): void {
    const { atMs } = happened;
    if (happened.type === 'answer') this.isAnswered = true;
    if (happened.type !== 'activity') return;
    const { activity } = happened;
    if (activity === 'words') {
      this.heardAtMs = atMs;
      if (this.unanswered > 0) this.#talksOnSinceMs ??= atMs;
      if (atMs - (this.#talksOnSinceMs ?? atMs) >= ASK_AGAIN_MS) this.#paysForTalk = true;
    }
    if (activity === 'agent_busy') this.busyFromMs ??= atMs;
    if (activity !== 'agent_quiet') return;
    this.isAnswered = false;
    if (this.busyFromMs === undefined) return;
    this.busy.push({ fromMs: this.busyFromMs, toMs: atMs });
    this.busyFromMs = undefined;
  }
}
