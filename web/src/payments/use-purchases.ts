import { useCallback, useRef, useState } from 'react';
import type { Purchase } from './attempts.ts';

export interface Purchases {
  /** The purchase whose checkout is open. */
  current: Purchase | null;
  open: (purchase: Purchase) => void;
  close: () => void;
  /** Says whether the open checkout is in the middle of paying. */
  setPaying: (paying: boolean) => void;
  /** Whether the shop lies over a call. */
  isShopOpen: boolean;
  showShop: (open: boolean) => void;
}

/** One checkout at a time. A new purchase replaces one that is only being looked at, and waits for one being paid. */
export function usePurchases(): Purchases {
  const [queue, setQueue] = useState<Purchase[]>([]);
  const [isShopOpen, showShop] = useState(false);
  const paying = useRef(false);

  const open = useCallback((purchase: Purchase) => {
    setQueue((purchases) => {
      // An agent repeats its offer when it is not sure that the page got it.
      if (purchases.some((one) => samePurchase(one, purchase))) return purchases;
      return paying.current ? [...purchases, purchase] : [purchase];
    });
  }, []);
  const close = useCallback(() => setQueue((purchases) => purchases.slice(1)), []);
  const setPaying = useCallback((now: boolean) => {
    paying.current = now;
  }, []);

  return { current: queue[0] ?? null, open, close, setPaying, isShopOpen, showShop };
}

function samePurchase(a: Purchase, b: Purchase): boolean {
  return (
    a.packageId === b.packageId && a.purchaseFor === b.purchaseFor && a.idempotencyKey === b.idempotencyKey
  );
}
