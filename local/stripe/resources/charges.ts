import { created, text } from '../api/form.ts';
import { listing, retrieving } from '../api/list-objects.ts';
import type { Route } from '../api/route.ts';

export const chargeRoutes: readonly Route[] = [
  retrieving('charge'),
  listing('charge', { created: created(), customer: text(), payment_intent: text() }),
];
