import { nowMs } from '../clock.ts';
import type { BenchCaller } from './bench-caller.ts';

/** Between the end of an answer and the next question; the sentences of an answer are closer together. */
const PAUSE_MS = 700;
export const ANSWER_WITHIN_MS = 8000;
const GREETING_WITHIN_MS = 45_000;

export type Turn = {
  /** On the shared clock. */
  askedAtMs: number;
  /** The last sample of the question was sent. */
  endedAtMs: number;
  /** From there to the first sound of the answer; undefined when there was none, or when the agent spoke meanwhile. */
  latencyMs: number | undefined;
};

/** Waits for the greeting. @returns milliseconds from the caller's presence to the first sound */
export async function hearGreeting(caller: BenchCaller): Promise<number> {
  const heardAtMs =
    caller.firstHeardAtMs() ?? (await caller.heardAfter(caller.presentAtMs, GREETING_WITHIN_MS));
  if (heardAtMs === undefined) throw new Error('The caller was not greeted.');
  return heardAtMs - caller.presentAtMs;
}

/** Asks something once the agent has finished, and comes back with the first sound of the answer. */
export async function takeTurn(caller: BenchCaller, question: Int16Array): Promise<Turn> {
  await caller.untilQuiet(PAUSE_MS);
  const beganAtMs = nowMs();
  const endedAtMs = await caller.say(question);
  const wasTalkedOver = (caller.lastHeardAtMs() ?? 0) > beganAtMs;
  const heardAtMs = await caller.heardAfter(endedAtMs, ANSWER_WITHIN_MS);
  return {
    askedAtMs: beganAtMs,
    endedAtMs,
    latencyMs: heardAtMs === undefined || wasTalkedOver ? undefined : heardAtMs - endedAtMs,
  };
}
