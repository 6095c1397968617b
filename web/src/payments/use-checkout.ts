import { useEffect, useRef, useState } from 'react';
import type { Sidecar } from '../api/sidecar.ts';
import { closeAttempt, type Purchase, saveAttempt } from './attempts.ts';
import {
  isOnStripesPage,
  loadIds,
  type PreparedPayment,
  paymentOf,
  preparePayment,
  prepareStripesPage,
} from './prepare-payment.ts';
import { LOST_ANSWER, type Outcome, type Why } from './stripe.ts';

const POLL_MS = 1_500;
const PATIENCE_MS = 60_000;

export type CheckoutState =
  | { phase: 'preparing' | 'ready' | 'confirming' | 'waiting' | 'late' }
  | { phase: 'failed'; error: unknown }
  | { phase: 'declined' | 'unknown'; why: Why }
  | { phase: 'elsewhere'; url: string }
  | { phase: 'landed'; newId: string };

export interface Checkout {
  state: CheckoutState;
  prepared: PreparedPayment | null;
  /** `keepCard`: whether the buyer consents to keeping the card; noted before the payment is confirmed. */
  pay: (confirm: () => Promise<Outcome>, keepCard: boolean) => Promise<void>;
  /** Moves the purchase to Stripe's page, and resolves to its address; null when that failed. */
  moveToStripesPage: () => Promise<string | null>;
  prepareAgain: () => void;
}

/**
 * The life of one payment: prepare the intent, confirm it (as often as needed), wait for the time to appear.
 * `purchase` and `sidecar` must keep their identity. `onPaid` is called when the money is known to be paid, and
 * again when the time is there.
 */
export function useCheckout(purchase: Purchase, sidecar: Sidecar, onPaid: () => void): Checkout {
  const [state, setState] = useState<CheckoutState>({ phase: 'preparing' });
  const [prepared, setPrepared] = useState<PreparedPayment | null>(null);
  const [round, setRound] = useState(0);
  const confirming = useRef(false);
  const keptCard = useRef(false);
  const leave = useRef(new AbortController());
  const idsOf = (signal: AbortSignal) => loadIds(sidecar, purchase, signal);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` is how prepareAgain() starts over
  useEffect(() => {
    const stop = new AbortController();
    leave.current = stop;
    preparePayment(sidecar, purchase, sessionStorage, stop.signal).then(
      (payment) => {
        if (stop.signal.aborted) return;
        keptCard.current = false;
        setPrepared(payment);
        setState({ phase: 'ready' });
      },
      (error) => {
        if (stop.signal.aborted) return;
        if (isOnStripesPage(error)) void moveToStripesPage();
        else setState({ phase: 'failed', error });
      },
    );
    return () => stop.abort();
  }, [purchase, sidecar, round]);

  async function pay(confirm: () => Promise<Outcome>, keepCard: boolean) {
    // A ref, because a second click can come before the disabled button is drawn.
    if (!prepared || confirming.current) return;
    confirming.current = true;
    setState({ phase: 'confirming' });
    const { signal } = leave.current;
    try {
      if (keepCard !== keptCard.current) {
        await sidecar.createPaymentIntent({ ...paymentOf(purchase, prepared.attempt), keepCard }, signal);
        keptCard.current = keepCard;
      }
    } catch (error) {
      confirming.current = false;
      if (!signal.aborted) setState({ phase: 'failed', error });
      return;
    }
    saveAttempt(sessionStorage, purchase, { ...prepared.attempt, outcomeOpen: true });
    const outcome = await confirm().catch((error: unknown) => {
      console.error('the confirmation of a payment had no readable answer', error);
      return LOST_ANSWER;
    });
    confirming.current = false;
    // These come before the look at the signal: also when the page has moved on, the outcome is known.
    if (outcome.kind === 'succeeded') closeAttempt(sessionStorage, purchase);
    if (outcome.kind === 'declined') saveAttempt(sessionStorage, purchase, prepared.attempt);
    if (outcome.kind === 'succeeded') onPaid();
    if (leave.current.signal.aborted) return;
    if (outcome.kind === 'declined' || outcome.kind === 'unknown') {
      setState({ phase: outcome.kind, why: outcome.why });
    } else {
      setState({ phase: 'waiting' });
      const known = prepared.attempt.knownIds ?? [];
      show(await waitForNewId(idsOf, known, leave.current.signal).catch(() => null), leave.current.signal);
    }
  }

  async function moveToStripesPage(): Promise<string | null> {
    const { signal } = leave.current;
    setState({ phase: 'preparing' });
    try {
      const { attempt, url } = await prepareStripesPage(sidecar, purchase, sessionStorage, signal);
      if (signal.aborted) return null;
      setPrepared(null);
      setState({ phase: 'elsewhere', url });
      void waitPatiently(idsOf, attempt.knownIds ?? [], signal).then((newId) => show(newId, signal));
      return url;
    } catch (error) {
      if (!signal.aborted) setState({ phase: 'failed', error });
      return null;
    }
  }

  function show(newId: string | null, signal: AbortSignal) {
    if (newId !== null) closeAttempt(sessionStorage, purchase);
    if (signal.aborted) return;
    setState(newId === null ? { phase: 'late' } : { phase: 'landed', newId });
    onPaid();
  }

  function prepareAgain() {
    setState({ phase: 'preparing' });
    setRound((n) => n + 1);
  }

  return { state, prepared, pay, moveToStripesPage, prepareAgain };
}

type LoadIds = (signal: AbortSignal) => Promise<string[]>;

/**
 * Waits until an id appears that was not known before paying. Resolves to it, or to null when it takes
 * longer than a minute: the payment is safe then, only the news of it is late. Throws the signal's reason.
 */
async function waitForNewId(load: LoadIds, knownIds: string[], signal: AbortSignal): Promise<string | null> {
  const known = new Set(knownIds);
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    try {
      const fresh = (await load(signal)).find((id) => !known.has(id));
      if (fresh !== undefined) return fresh;
    } catch (error) {
      signal.throwIfAborted();
      // The money is paid: a failed look is worth another look, not an error message.
      console.warn('could not look for the new time yet', error);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    signal.throwIfAborted();
  }
  return null;
}

/** Like `waitForNewId`, for as long as it takes: whoever pays in another tab may be looking for their card. */
async function waitPatiently(load: LoadIds, knownIds: string[], signal: AbortSignal): Promise<string | null> {
  let newId: string | null = null;
  while (newId === null && !signal.aborted) {
    newId = await waitForNewId(load, knownIds, signal).catch(() => null);
  }
  return newId;
}
