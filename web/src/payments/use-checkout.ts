import { useCallback, useEffect, useRef, useState } from 'react';
import type { CreatePaymentIntentResponse } from '../../../shared/api/payments.ts';
import { ApiError } from '../api/request.ts';
import type { Sidecar } from '../api/sidecar.ts';
import { closeAttempt, type Order, openAttempt, saveAttempt } from './attempts.ts';
import type { Outcome } from './outcome.ts';
import { waitForNewId } from './wait-for-time.ts';

export type CheckoutState =
  | { phase: 'preparing' }
  | { phase: 'failed'; error: unknown }
  | { phase: 'ready' | 'confirming' | 'waiting' | 'late' }
  | { phase: 'declined' | 'unknown'; message: string }
  | { phase: 'landed'; newId: string };

interface CheckoutOptions {
  order: Order;
  sidecar: Sidecar;
  /** Called as soon as the payment is known to have gone through, and again when the time is there. */
  onPaid: () => void;
}

export interface CheckoutRun {
  state: CheckoutState;
  intent: CreatePaymentIntentResponse | null;
  idempotencyKey: string;
  pay: (confirm: () => Promise<Outcome>) => void;
  prepareAgain: () => void;
  /** Forgets the attempt, unless its outcome is still open. */
  abandon: () => void;
}

/** The life of one payment: prepare the intent, confirm (as often as needed), wait for the time to appear. */
export function useCheckout({ order, sidecar, onPaid }: CheckoutOptions): CheckoutRun {
  const [state, setState] = useState<CheckoutState>({ phase: 'preparing' });
  const [intent, setIntent] = useState<CreatePaymentIntentResponse | null>(null);
  const [round, setRound] = useState(0);
  const confirming = useRef(false);
  const leave = useRef(new AbortController());

  const loadIds = useCallback(
    async (signal: AbortSignal): Promise<string[]> => {
      if (order.purchaseFor === 'gift') return (await sidecar.gifts(signal)).map((gift) => gift.card_id);
      return (await sidecar.balance(signal)).cards.map((card) => card.id);
    },
    [order, sidecar],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` is how prepareAgain() starts over
  useEffect(() => {
    const stop = new AbortController();
    leave.current = stop;
    prepare(order, sidecar, loadIds, stop.signal).then(
      (prepared) => {
        if (stop.signal.aborted) return;
        setIntent(prepared);
        setState({ phase: 'ready' });
      },
      (error) => {
        if (!stop.signal.aborted) setState({ phase: 'failed', error });
      },
    );
    return () => stop.abort();
  }, [order, sidecar, loadIds, round]);

  async function pay(confirm: () => Promise<Outcome>) {
    // A ref, because a second click can come before the disabled button is drawn.
    if (confirming.current) return;
    confirming.current = true;
    setState({ phase: 'confirming' });
    const { signal } = leave.current;
    const outcome = await confirm();
    confirming.current = false;
    // Even when the page has moved on: the outcome is known, so the key has done its work.
    if (outcome.kind === 'succeeded') {
      const knownIds = currentAttempt(order).knownIds ?? [];
      closeAttempt(sessionStorage, order);
      onPaid();
      await showTime(knownIds, signal);
    } else if (!signal.aborted) {
      if (outcome.kind === 'processing') await showTime(currentAttempt(order).knownIds ?? [], signal);
      else setState({ phase: outcome.kind, message: outcome.message });
    }
  }

  async function showTime(knownIds: string[], signal: AbortSignal) {
    if (signal.aborted) return;
    setState({ phase: 'waiting' });
    const newId = await waitForNewId(loadIds, knownIds, signal).catch(() => null);
    if (signal.aborted) return;
    setState(newId === null ? { phase: 'late' } : { phase: 'landed', newId });
    onPaid();
  }

  function prepareAgain() {
    setState({ phase: 'preparing' });
    setRound((n) => n + 1);
  }

  function abandon() {
    const open = state.phase === 'unknown' || state.phase === 'confirming' || state.phase === 'waiting';
    if (!open) closeAttempt(sessionStorage, order);
  }

  return { state, intent, idempotencyKey: currentAttempt(order).idempotencyKey, pay, prepareAgain, abandon };
}
