import { useSyncExternalStore } from 'react';

/** Whether the service can be reached: as the browser knows it, and as the last request found. */
export type Connection = 'fine' | 'offline' | 'unreachable' | 'back';

/** So long it is said that the connection is there again. */
const BACK_MS = 4_000;

let isAnswered = true;
let shown: Connection = 'fine';
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();
const waiting = new Set<() => void>();

function show(next: Connection): void {
  if (shown === next) return;
  shown = next;
  for (const listener of listeners) listener();
}

function look(): void {
  clearTimeout(timer);
  if (!navigator.onLine) show('offline');
  else if (!isAnswered) show('unreachable');
  else if (shown !== 'fine') {
    show('back');
    timer = setTimeout(() => show('fine'), BACK_MS);
  }
}

/** To be told of every request: whether there was an answer at all. */
export function noteAnswer(isThere: boolean): void {
  const isBack = isThere && !isAnswered;
  isAnswered = isThere;
  look();
  if (isBack) goOn();
}

/** Has all who wait for the connection try at once. */
export function goOn(): void {
  for (const again of [...waiting]) again();
}

/** Is called when there is an answer again, or somebody wants to try now. @returns how to stop that */
export function whenBack(again: () => void): () => void {
  waiting.add(again);
  return () => waiting.delete(again);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useConnection = (): Connection => useSyncExternalStore(subscribe, () => shown);

window.addEventListener('offline', look);
// Whether the service is there, too, the first request shows.
window.addEventListener('online', () => {
  look();
  goOn();
});
