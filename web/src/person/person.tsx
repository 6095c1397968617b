import type { User } from '@supabase/auth-js';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef } from 'react';
import { useLocation } from 'wouter';
import type { AnalyticsResponse, BalanceResponse } from '../../../shared/api/accounts.ts';
import type { AutoTopUpResponse } from '../../../shared/api/auto-top-up.ts';
import type { CallMessage } from '../../../shared/api/calls.ts';
import type { PageConfig } from '../../../shared/api/config.ts';
import type { Changed } from '../../../shared/api/hints.ts';
import type { MemoriesResponse } from '../../../shared/api/memories.ts';
import type { PricingResponse } from '../../../shared/api/pricing.ts';
import type { CallsResponse } from '../../../shared/api/receipts.ts';
import type { SavedCard } from '../../../shared/api/saved-cards.ts';
import type { SettingsResponse } from '../../../shared/api/settings.ts';
import type { Gift } from '../../../shared/api/time-cards.ts';
import { connectSidecar, type Sidecar } from '../api/sidecar.ts';
import { useHints } from '../api/use-hints.ts';
import { type Polled, usePolled } from '../api/use-polled.ts';
import { keepCalls } from '../call/kept-call.ts';
import { type MeterNow, useMeterNow } from '../call/meter-now.ts';
import { type Call, useCall } from '../call/use-call.ts';
import { type Elsewhere, useRejoin } from '../call/use-rejoin.ts';
import { type Settled, useSettled } from '../call/use-settled.ts';
import { type Purchases, usePurchases } from '../payments/use-purchases.ts';

const BALANCE_MS = 5_000;
const CALLS_MS = 15_000;
const SLOW_MS = 60_000;
/** Each look is a request to Stripe; what changes on this page is looked at at once. */
const CARDS_MS = 600_000;
/** While the service tells of changes: for what it may not have told. */
const TOLD_MS = 600_000;

/** What is there for one person in all rooms, and lives on while they go from one to another: a call above all. */
export interface Person {
  user: User;
  config: PageConfig;
  pricing: Polled<PricingResponse>;
  sidecar: Sidecar;
  /** For what only some people ask, such as operators. */
  accessToken: () => Promise<string>;
  balance: Polled<BalanceResponse>;
  gifts: Polled<Gift[]>;
  usage: Polled<AnalyticsResponse>;
  calls: Polled<CallsResponse>;
  savedCards: Polled<SavedCard[]>;
  topUp: Polled<AutoTopUpResponse>;
  settings: Polled<SettingsResponse>;
  memories: Polled<MemoriesResponse>;
  purchases: Purchases;
  call: Call;
  /** The call that another tab or device has; null when none has one. */
  elsewhere: Elsewhere | null;
  /** null outside of a call */
  meter: MeterNow | null;
  settled: Settled;
  /** Looks again at all that a call or a payment changes. */
  refresh: () => void;
  /** To be called when time was bought or activated. */
  onTimeAdded: () => void;
}

const PersonContext = createContext<Person | null>(null);

/** The person who is signed in; only in rooms that are theirs. */
export function usePerson(): Person {
  const person = useContext(PersonContext);
  if (person === null) throw new Error('nobody is signed in here');
  return person;
}

interface PersonProviderProps {
  user: User;
  accessToken: () => Promise<string>;
  config: PageConfig;
  pricing: Polled<PricingResponse>;
  children: ReactNode;
}

/** Wiring between talking, buying and what one person owns. It stands above the rooms. */
export function PersonProvider({ user, accessToken, config, pricing, children }: PersonProviderProps) {
  const [address, navigate] = useLocation();
  const sidecar = useMemo(() => connectSidecar(user.id, accessToken), [user.id, accessToken]);
  const keeper = useMemo(() => keepCalls(user.id), [user.id]);
  const owned = useOwned(sidecar, accessToken, address);
  const { balance, calls, refresh } = owned;
  const purchases = usePurchases();

  const isShopOpen = address === '/talk' || address === '/buy';
  const onMessage = useCallback(
    (message: CallMessage) => {
      if (message.type !== 'purchase') return;
      const { package_id: packageId, idempotency_key: idempotencyKey } = message;
      purchases.open({ userId: user.id, packageId, purchaseFor: 'me', idempotencyKey });
      purchases.showShop(true);
      if (!isShopOpen) navigate('/talk');
    },
    [purchases.open, purchases.showShop, user.id, isShopOpen, navigate],
  );
  const call = useCall({ askToken: sidecar.callToken, onMessage, keeper });
  const elsewhere = useRejoin(keeper, call, calls, sidecar.callPlace);
  const meter = useMeterNow(call.state);
  const settled = useSettled(call.state, calls, balance);
  const ending = call.state.ended && (settled.looking ? 'counted' : 'settled');
  useEffect(() => {
    if (ending) refresh();
  }, [ending, refresh]);
  function onTimeAdded() {
    refresh();
    call.forgetError();
  }

  const person = {
    user,
    config,
    pricing,
    sidecar,
    accessToken,
    ...owned,
    purchases,
    call,
    elsewhere,
    meter,
    settled,
    onTimeAdded,
  };
  return <PersonContext value={person}>{children}</PersonContext>;
}

/** What the person owns, loaded where it is shown and kept from room to room. */
function useOwned(sidecar: Sidecar, accessToken: () => Promise<string>, address: string) {
  const lookAgain = useRef((_changed: Changed) => {});
  const isTold = useHints(
    accessToken,
    useCallback((changed) => lookAgain.current(changed), []),
  );
  const every = (ms: number) => (isTold ? TOLD_MS : ms);
  const inAccount = address === '/account';
  const inShop = inAccount || address === '/buy' || address === '/talk';
  const balance = usePolled(sidecar.balance, every(BALANCE_MS));
  const calls = usePolled(sidecar.calls, every(CALLS_MS));
  const gifts = usePolled(sidecar.gifts, every(SLOW_MS), inShop);
  const savedCards = usePolled(sidecar.savedCards, CARDS_MS, inShop);
  const usage = usePolled(sidecar.analytics, every(SLOW_MS), inAccount);
  const topUp = usePolled(sidecar.autoTopUp, every(CALLS_MS), inAccount);
  const settings = usePolled(sidecar.settings, every(SLOW_MS), inAccount);
  const memories = usePolled(sidecar.memories, every(CALLS_MS), inAccount);

  const refresh = useCallback(() => {
    balance.refresh();
    gifts.refresh();
    usage.refresh();
    calls.refresh();
    savedCards.refresh();
    topUp.refresh();
  }, [balance.refresh, gifts.refresh, usage.refresh, calls.refresh, savedCards.refresh, topUp.refresh]);
  lookAgain.current = (changed) => {
    const isAny = changed === 'all';
    if (isAny || changed === 'balance' || changed === 'purchases') balance.refresh();
    if (isAny || changed === 'calls') calls.refresh();
    if (isAny || changed === 'calls' || changed === 'purchases') usage.refresh();
    if (isAny || changed === 'purchases') for (const one of [gifts, topUp]) one.refresh();
    if (isAny || changed === 'memories') memories.refresh();
    // Each look at the cards is a request to Stripe.
    if (changed === 'purchases') savedCards.refresh();
  };

  return { balance, calls, gifts, savedCards, usage, topUp, settings, memories, refresh };
}
