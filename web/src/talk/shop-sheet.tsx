import { type KeyboardEvent, lazy, Suspense, useEffect, useRef } from 'react';
import { isAtDesk, isLive } from '../call/call-state.ts';
import { usePerson } from '../person/person.tsx';
import { Skeleton } from '../shell/skeleton.tsx';
import { useWords } from '../words/use-words.ts';
import '../call/call.css';

/** Loaded with a call, or with what was begun before: most who come to talk buy nothing. */
const ShopPanel = lazy(async () => ({ default: (await import('../payments/shop-panel.tsx')).ShopPanel }));

/**
 * The shop over a call, which goes on to be seen and hung up below it: no modal dialog. Closed, it keeps what was
 * begun in it.
 */
export function ShopSheet() {
  const talk = useWords('talk');
  const { call, purchases, ...person } = usePerson();
  const { isShopOpen, showShop, current } = purchases;
  const sheet = useRef<HTMLDialogElement>(null);
  const live = isLive(call.state);
  const atDesk = isAtDesk(call.state);
  const isWanted = live || current !== null;
  const resumed = call.state.resumedSeconds;

  useEffect(() => {
    const dialog = sheet.current;
    if (!isWanted || !dialog || dialog.open === isShopOpen) return;
    if (isShopOpen) dialog.show();
    else dialog.close();
  }, [isShopOpen, isWanted]);
  // The next call begins without it.
  useEffect(() => {
    if (!isWanted) showShop(false);
  }, [isWanted, showShop]);
  useEffect(() => {
    if (atDesk) showShop(true);
  }, [atDesk, showShop]);
  // The time is there: what the buyer wants to see now is the call.
  useEffect(() => {
    if (resumed !== null) showShop(false);
  }, [resumed, showShop]);

  function close() {
    showShop(false);
    if (!live) purchases.close();
  }
  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'Escape') close();
  }
  if (!isWanted) return null;
  return (
    <dialog
      ref={sheet}
      className="shop-sheet"
      aria-label={talk.buyTime}
      onKeyDown={onKeyDown}
      data-testid="shop-sheet"
    >
      <button type="button" className="quiet sheet-close" onClick={close} data-testid="close-shop">
        {talk.closeShop}
      </button>
      <Suspense fallback={<Skeleton lines={4} />}>
        <ShopPanel
          userId={person.user.id}
          pricing={person.pricing}
          purchases={purchases}
          stripe={person.config.stripe}
          sidecar={person.sidecar}
          cards={person.balance.data?.cards ?? []}
          gifts={person.gifts.data ?? []}
          savedCards={person.savedCards.data ?? []}
          inCall={live}
          onPaid={person.onTimeAdded}
          onDone={close}
          awaited={atDesk && isShopOpen}
        />
      </Suspense>
    </dialog>
  );
}
