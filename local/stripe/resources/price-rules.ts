import { fieldIs } from '../api/list-objects.ts';
import { invalidParameter, invalidRequest, noSuchReference } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';
import type { WirePrice } from '../store/stored-objects.ts';
import { createProduct } from './products.ts';

interface Amount {
  unit_amount?: number | undefined;
  unit_amount_decimal?: string | undefined;
}

/** `unit_amount` is null when the decimal amount is no whole number of cents. */
export function priceAmounts(given: Amount): Pick<WirePrice, 'unit_amount' | 'unit_amount_decimal'> {
  const { unit_amount: whole, unit_amount_decimal: decimal } = given;
  if (whole !== undefined && decimal !== undefined) {
    throw invalidParameter('You may only specify one of these parameters: unit_amount, unit_amount_decimal.');
  }
  if (whole !== undefined) return { unit_amount: whole, unit_amount_decimal: String(whole) };
  if (decimal === undefined) {
    throw invalidParameter('Missing required param: unit_amount.', {
      code: 'parameter_missing',
      param: 'unit_amount',
    });
  }
  return {
    unit_amount: Number.isInteger(Number(decimal)) ? Number(decimal) : null,
    unit_amount_decimal: decimal,
  };
}

export function productForPrice(
  call: Call,
  id: string | undefined,
  data: Parameters<typeof createProduct>[1] | undefined,
): string {
  if ((id === undefined) === (data === undefined)) {
    throw invalidParameter('You must specify one of these parameters: product, product_data.', {
      code: 'parameter_missing',
      param: 'product',
    });
  }
  if (data !== undefined) return createProduct(call, data).id;
  if (id === undefined || call.store.find('product', id) === undefined) {
    throw noSuchReference('product', id ?? '', 'product');
  }
  return id;
}

/** A lookup key names one price of the account; it moves only when told to. */
export function claimLookupKey(
  call: Call,
  key: string | null | undefined,
  priceId: string,
  transfer: boolean,
): void {
  if (key === undefined || key === null) return;
  const holder = call.store.page('price', fieldIs('lookup_key', key), { limit: 1 }).data[0];
  if (holder === undefined || holder.id === priceId) return;
  if (!transfer) {
    throw invalidRequest(`A price (\`${holder.id}\`) already uses that lookup key.`, { param: 'lookup_key' });
  }
  call.emit('price.updated', call.store.update<WirePrice>({ ...holder, lookup_key: null }), holder);
}
