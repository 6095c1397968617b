import { useEffect, useRef, useState } from 'react';
import type { Sidecar } from '../api/sidecar.ts';
import { closeAttempt, type Order, saveAttempt } from './attempts.ts';
import type { Outcome } from './outcome.ts';
import { loadIds, type PreparedPayment, preparePayment } from './prepare-payment.ts';
import { waitForNewId } from './wait-for-time.ts';

export type CheckoutState =
  | { phase: 'preparing' | 'ready' | 'confirming' | 'waiting' | 'late' }
  | { phase: 'failed'; error: unknown }
  | { phase: 'declined' | 'unknown'; message: string }
  | { phase: 'landed'; newId: string };

export interface Checkout {
  state: CheckoutState;
  prepared: PreparedPayment | null;
  pay: (confirm: () => Promise<Outcome>) => Promise<void>;
  prepareAgain: () => void;
}

/**
 * The life of one payment: prepare the intent, confirm it (as often as needed), wait for the time to appear.
 * `order` and `sidecar` must keep their identity. `onPaid` is called when the money is known to be paid, and
 * again when the time is there.
 */
export function useCheckout(order: Order, sidecar: Sidecar, onPaid: () => void): Checkout {
  const [state, setState] = useState<CheckoutState>({ phase: 'preparing' });
  const [prepared, setPrepared] = useState<PreparedPayment | null>(null);
  const [round, setRound] = useState(0);
  const confirming = useRef(false);
  const leave = useRef(new AbortController());

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` is how prepareAgain() starts over
  useEffect(() => {
    const stop = new AbortController();
    leave.current = stop;
    preparePayment(sidecar, order, sessionStorage, stop.signal).then(
      (payment) => {
        if (stop.signal.aborted) return;
        setPrepared(payment);
        setState({ phase: 'ready' });
      },
      (error) => {
        if (!stop.signal.aborted) setState({ phase: 'failed', error });
      },
    );
    return () => stop.abort();
  }, [order, sidecar, round]);

  async function pay(confirm: () => Promise<Outcome>) {
    // A ref, because a second click can come before the disabled button is drawn.
    if (!prepared || confirming.current) return;
    confirming.current = true;
    setState({ phase: 'confirming' });
    saveAttempt(sessionStorage, order, { ...prepared.attempt, outcomeOpen: true });
    const outcome = await confirm();
    confirming.current = false;
    // These come before the look at the signal: also when the page has moved on, the outcome is known.
    if (outcome.kind === 'succeeded') closeAttempt(sessionStorage, order);
    if (outcome.kind === 'declined') saveAttempt(sessionStorage, order, prepared.attempt);
    if (outcome.kind === 'succeeded') onPaid();
    if (leave.current.signal.aborted) return;
    if (outcome.kind === 'declined' || outcome.kind === 'unknown') {
      setState({ phase: outcome.kind, message: outcome.message });
    } else await showTime(prepared.attempt.knownIds ?? [], leave.current.signal);
  }

  async function showTime(knownIds: string[], signal: AbortSignal) {
    setState({ phase: 'waiting' });
    const load = (stop: AbortSignal) => loadIds(sidecar, order, stop);
    const newId = await waitForNewId(load, knownIds, signal).catch(() => null);
    if (newId !== null) closeAttempt(sessionStorage, order);
    if (signal.aborted) return;
    setState(newId === null ? { phase: 'late' } : { phase: 'landed', newId });
    onPaid();
  }

  function prepareAgain() {
    setState({ phase: 'preparing' });
    setRound((n) => n + 1);
  }

  return { state, prepared, pay, prepareAgain };
}
