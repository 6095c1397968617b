import { useCallback, useEffect, useMemo } from 'react';
import type { CallMessage } from '../../shared/api/calls.ts';
import type { PageConfig } from '../../shared/api/config.ts';
import type { PricingResponse } from '../../shared/api/pricing.ts';
import { ResponsePanel } from './account/response-panel.tsx';
import { UsagePanel } from './account/usage-panel.tsx';
import { ErrorMessage, Trouble } from './api/error-message.tsx';
import { sharedTrouble, without } from './api/shared-trouble.ts';
import { connectSidecar } from './api/sidecar.ts';
import { type Polled, usePolled } from './api/use-polled.ts';
import { CallPanel } from './call/call-panel.tsx';
import { isAtDesk, isLive } from './call/call-state.ts';
import { useMeterNow } from './call/meter-now.ts';
import { useCall } from './call/use-call.ts';
import { useSettled } from './call/use-settled.ts';
import { CallsPanel } from './calls/calls-panel.tsx';
import { MemoriesPanel } from './memories/memories-panel.tsx';
import { ShopPanel } from './payments/shop-panel.tsx';
import { usePurchases } from './payments/use-purchases.ts';
import { SavedCardsPanel } from './saved-cards/saved-cards-panel.tsx';
import { SettingsPanel } from './settings/settings-panel.tsx';
import { CardList } from './time-cards/card-list.tsx';
import { GiftsPanel } from './time-cards/gifts-panel.tsx';

const BALANCE_MS = 5_000;
const CALLS_MS = 15_000;
const SLOW_MS = 60_000;
/** Each look is a request to Stripe; what changes on this page is looked at at once. */
const CARDS_MS = 600_000;

interface SignedInProps {
  userId: string;
  accessToken: () => Promise<string>;
  config: PageConfig;
  pricing: Polled<PricingResponse>;
  /** The activation code of the link that opened the page, or null. */
  linkCode: string | null;
}

/** The page of one person: wiring between talking, buying and what they own. */
export function SignedIn({ userId, accessToken, config, pricing, linkCode }: SignedInProps) {
  const sidecar = useMemo(() => connectSidecar(userId, accessToken), [userId, accessToken]);
  const balance = usePolled(sidecar.balance, BALANCE_MS);
  const gifts = usePolled(sidecar.gifts, SLOW_MS);
  const usage = usePolled(sidecar.analytics, SLOW_MS);
  const calls = usePolled(sidecar.calls, CALLS_MS);
  const savedCards = usePolled(sidecar.savedCards, CARDS_MS);
  const topUp = usePolled(sidecar.autoTopUp, CALLS_MS);
  const settings = usePolled(sidecar.settings, SLOW_MS);
  const memories = usePolled(sidecar.memories, CALLS_MS);
  const purchases = usePurchases();

  const refresh = useCallback(() => {
    balance.refresh();
    gifts.refresh();
    usage.refresh();
    calls.refresh();
    savedCards.refresh();
    topUp.refresh();
  }, [balance.refresh, gifts.refresh, usage.refresh, calls.refresh, savedCards.refresh, topUp.refresh]);

  const onMessage = useCallback(
    (message: CallMessage) => {
      if (message.type !== 'purchase') return;
      const { package_id: packageId, idempotency_key: idempotencyKey } = message;
      purchases.open({ userId, packageId, purchaseFor: 'me', idempotencyKey });
    },
    [purchases.open, userId],
  );
  const call = useCall({ askToken: sidecar.callToken, onMessage });
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
  const names = useMemo(
    () => new Map(pricing.data?.packages.map((item) => [item.id, item.name])),
    [pricing.data],
  );

  const all = [balance, gifts, usage, calls, savedCards, topUp, settings, memories, pricing];
  const trouble = sharedTrouble(all.map(({ error }) => error));
  const own = <T,>(polled: Polled<T>) => without(trouble, polled);

  return (
    <main className="columns">
      <Trouble errors={trouble} />
      <CallPanel
        call={call}
        meter={meter}
        settled={settled}
        balance={balance.data ?? null}
        callsPossible={config.livekit !== null}
      />
      <ShopPanel
        userId={userId}
        pricing={own(pricing)}
        purchases={purchases}
        stripe={config.stripe}
        sidecar={sidecar}
        gifts={gifts.data ?? []}
        savedCards={savedCards.data ?? []}
        inCall={isLive(call.state)}
        onPaid={onTimeAdded}
        awaited={isAtDesk(call.state)}
      />
      <div className="aside">
        {own(balance).error != null && <ErrorMessage error={balance.error} />}
        <CardList cards={balance.data?.cards ?? null} packageNames={names} />
        <SavedCardsPanel
          cards={own(savedCards)}
          topUp={own(topUp)}
          pricing={pricing.data}
          sidecar={sidecar}
        />
        <GiftsPanel
          gifts={own(gifts)}
          linkCode={linkCode}
          activate={sidecar.activate}
          onActivated={onTimeAdded}
        />
        <SettingsPanel settings={own(settings)} sidecar={sidecar} />
        <MemoriesPanel memories={own(memories)} settings={own(settings)} sidecar={sidecar} />
        <CallsPanel newest={own(calls)} sidecar={sidecar} />
        <UsagePanel usage={own(usage)} />
        <ResponsePanel usage={usage.data} />
      </div>
    </main>
  );
}
