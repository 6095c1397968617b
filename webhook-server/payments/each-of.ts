import { askStripe } from './stripe-client.ts';

type Page<Item> = { data: Item[]; has_more: boolean };

/**
 * Goes through a list at Stripe page by page, newest first (https://docs.stripe.com/api/pagination).
 * @throws Fault `payment_provider_unavailable`
 */
export async function* eachOf<Item extends { id: string }>(
  list: (after: { starting_after?: string }) => Promise<Page<Item>>,
): AsyncGenerator<Item[]> {
  let after: string | undefined;
  for (;;) {
    const page = await askStripe(() => list(after === undefined ? {} : { starting_after: after }));
    if (page === null) return;
    yield page.data;
    after = page.data.at(-1)?.id;
    if (!page.has_more || after === undefined) return;
  }
}
