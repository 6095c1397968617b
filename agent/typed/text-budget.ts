/** The longest text that is taken, in bytes of UTF-8: some six hundred words. What is longer is no message to a voice. */
export const MAX_TEXT_BYTES = 4_000;

/** So many texts may come at once, and one more after each pause: faster than anybody types. */
const BURST = 5;
const PAUSE_MS = 2_000;

/** Who sends too much is told so, but not each time: that would be spoken at our cost. */
const TELL_AGAIN_MS = 15_000;

/** What a caller may still type. All times are on the call's clock. */
export type TextBudget = Readonly<{ texts: number; atMs: number; toldAtMs: number }>;

export const newTextBudget = (nowMs: number): TextBudget => ({
  texts: BURST,
  atMs: nowMs,
  toldAtMs: Number.NEGATIVE_INFINITY,
});

/** One more text begins: whether it may be read, and what may still come then. */
export function takeText(budget: TextBudget, nowMs: number): [TextBudget, boolean] {
  const texts = Math.min(BURST, budget.texts + Math.max(0, nowMs - budget.atMs) / PAUSE_MS);
  const isTaken = texts >= 1;
  return [{ ...budget, texts: isTaken ? texts - 1 : texts, atMs: nowMs }, isTaken];
}

/** Whether the caller is told now that something of theirs was not taken. */
export function tellRefused(budget: TextBudget, nowMs: number): [TextBudget, boolean] {
  const isTold = nowMs - budget.toldAtMs >= TELL_AGAIN_MS;
  return [isTold ? { ...budget, toldAtMs: nowMs } : budget, isTold];
}
