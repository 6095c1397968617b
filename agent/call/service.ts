import type { Activity } from '../speech/watch-activity.ts';

/** From and to, on the call's clock. */
export type Spell = { fromMs: number; toMs: number };

/** When the caller was served: spoken to, thought for, or heard. */
export type Service = Readonly<{
  /** Words, spoken or typed, had come by then: until then the line carried them. */
  heardUntilMs: number;
  /** Since when the agent speaks or thinks, if it does. */
  busySinceMs?: number | undefined;
  /** Whether what it speaks now is an answer. */
  isAnswering: boolean;
  /** When it did before. */
  busy: readonly Spell[];
}>;

export const NO_SERVICE: Service = {
  heardUntilMs: Number.NEGATIVE_INFINITY,
  isAnswering: false,
  busy: [],
};

/** Longer than it can take until it is noticed that a line carries nothing. */
const KEPT_MS = 120_000;

export function afterActivity(service: Service, activity: Activity, nowMs: number): Service {
  const { busy, busySinceMs } = service;
  if (activity === 'words') return { ...service, heardUntilMs: nowMs };
  if (activity === 'agent_busy') return { ...service, busySinceMs: busySinceMs ?? nowMs };
  if (activity !== 'agent_quiet') return service;
  if (busySinceMs === undefined) return { ...service, isAnswering: false };
  const kept = busy.filter(({ toMs }) => nowMs - toMs < KEPT_MS);
  return {
    ...service,
    busySinceMs: undefined,
    isAnswering: false,
    busy: [...kept, { fromMs: busySinceMs, toMs: nowMs }],
  };
}

/** An answer begins to be heard. */
export const afterAnswer = (service: Service): Service => ({ ...service, isAnswering: true });

/** What of the time since then the caller was not served in, in order. */
export function unservedSince(service: Service, sinceMs: number, nowMs: number): Spell[] {
  const { busy, busySinceMs, heardUntilMs } = service;
  const spells: Spell[] = [];
  let fromMs = Math.max(sinceMs, heardUntilMs);
  for (const served of [...busy, { fromMs: busySinceMs ?? nowMs, toMs: nowMs }]) {
    if (served.fromMs > fromMs) spells.push({ fromMs, toMs: served.fromMs });
    fromMs = Math.max(fromMs, served.toMs);
  }
  return spells;
}
