import { useCallback, useRef, useState } from 'react';
import type { Order } from './attempts.ts';

export interface Orders {
  /** The order whose checkout is open. */
  current: Order | null;
  open: (order: Order) => void;
  close: () => void;
  /** Says whether the open checkout is in the middle of paying. */
  setPaying: (paying: boolean) => void;
}

/** One checkout at a time. A new order replaces one that is only being looked at, and waits for one being paid. */
export function useOrders(): Orders {
  const [queue, setQueue] = useState<Order[]>([]);
  const paying = useRef(false);

  const open = useCallback((order: Order) => {
    setQueue((orders) => {
      // An agent repeats its offer when it is not sure that the page got it.
      if (orders.some((one) => sameOrder(one, order))) return orders;
      return paying.current ? [...orders, order] : [order];
    });
  }, []);
  const close = useCallback(() => setQueue((orders) => orders.slice(1)), []);
  const setPaying = useCallback((now: boolean) => {
    paying.current = now;
  }, []);

  return { current: queue[0] ?? null, open, close, setPaying };
}

function sameOrder(a: Order, b: Order): boolean {
  return (
    a.packageId === b.packageId && a.purchaseFor === b.purchaseFor && a.idempotencyKey === b.idempotencyKey
  );
}
