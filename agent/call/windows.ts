/**
 * What a call is doing, as far as the bill is concerned. Only `talking` is billed.
 * - `connecting`: until the caller hears the first word
 * - `talking`: the agent has spoken and the caller is in the room
 * - `line_down`: the caller's line is cut and may come back; counts from the last packet, not from when it is noticed
 * - `our_outage`: our own connection to the room is cut
 * - `provider_outage`: a provider of stt, llm or tts has failed, and no answer has worked since
 * - `desk`: time is used up, and the agent stays to sell more
 * - `goodbye`: the agent says goodbye
 */
export type Phase =
  | 'connecting'
  | 'talking'
  | 'line_down'
  | 'our_outage'
  | 'provider_outage'
  | 'desk'
  | 'goodbye';

/** What may turn out to have begun before it was noticed. */
export type Interruption = 'line_down' | 'provider_outage';

/**
 * A stretch of the call, in milliseconds since it began, as it stands on the receipt.
 * `earlier` is what another worker reported before this one took the call over.
 */
export type Window = { reason: Phase | 'earlier'; billed: boolean; from_ms: number; to_ms: number };

export const isBilled = (phase: Phase): boolean => phase === 'talking';

/** Billed milliseconds of these windows. */
export function billedMs(windows: readonly Window[]): number {
  return windows
    .filter((window) => window.billed)
    .reduce((sum, window) => sum + window.to_ms - window.from_ms, 0);
}

/** The same windows, with neighbours of one kind made one. */
export function joined(windows: readonly Window[]): Window[] {
  const parts: Window[] = [];
  for (const window of windows) {
    const before = parts.at(-1);
    if (before && before.reason === window.reason && before.billed === window.billed) {
      parts[parts.length - 1] = { ...before, to_ms: window.to_ms };
    } else {
      parts.push(window);
    }
  }
  return parts;
}

/**
 * The same windows with at most `limitMs` billed. Whatever lies beyond is on the house, as part of the free
 * window that follows it, if there is one.
 */
export function billedWithin(windows: readonly Window[], limitMs: number): Window[] {
  let leftMs = Math.max(0, limitMs);
  const parts: Window[] = [];
  for (const window of windows) {
    const before = parts.at(-1);
    if (!window.billed) {
      const isOverrun = before?.reason === 'talking' && !before.billed;
      if (isOverrun) parts.pop();
      parts.push(isOverrun ? { ...window, from_ms: before.from_ms } : window);
      continue;
    }
    const splitMs = Math.min(window.to_ms, window.from_ms + leftMs);
    leftMs -= splitMs - window.from_ms;
    if (splitMs > window.from_ms) parts.push({ ...window, to_ms: splitMs });
    if (splitMs < window.to_ms) parts.push({ ...window, billed: false, from_ms: splitMs });
  }
  return parts;
}

/** The same windows, with all talk of that time free for a reason. */
export function freeWithin(
  windows: readonly Window[],
  fromMs: number,
  toMs: number,
  reason: Interruption,
): Window[] {
  return windows.flatMap((window): Window[] => {
    const [from, to] = [Math.max(window.from_ms, fromMs), Math.min(window.to_ms, toMs)];
    if (window.reason !== 'talking' || !window.billed || from >= to) return [window];
    const parts: Window[] = [
      { ...window, to_ms: from },
      { ...window, reason, billed: false, from_ms: from, to_ms: to },
      { ...window, from_ms: to },
    ];
    return parts.filter(({ from_ms, to_ms }) => to_ms > from_ms);
  });
}
