import { z } from 'zod';
import { purchasesQuery, purchasesResponse, stripeReceiptResponse } from '../../shared/api/purchases.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { route } from '../http/route.ts';
import { findStripeReceipt } from './stripe-receipt.ts';

const own = { tag: 'purchases', access: 'self', method: 'get' } as const;

/** What a person bought. Its receipt: `../notices/routes.ts`. */
export const purchaseRoutes = [
  route({
    ...own,
    operationId: 'listPurchases',
    path: '/user/:user_id/purchases',
    summary: 'What you bought, with what went back, newest first',
    description:
      'Without what was begun and never paid. A `before` that is none of yours answers an empty page.',
    query: purchasesQuery,
    answer: purchasesResponse,
    handle({ deps, userId, query }) {
      const page = { p_limit: query.limit, ...(query.before !== undefined && { p_before: query.before }) };
      return callFunction(deps.database, 'list_purchases', { p_user_id: userId, ...page }, purchasesResponse);
    },
  }),
  route({
    ...own,
    operationId: 'readStripeReceipt',
    path: '/user/:user_id/purchases/:purchase_id/stripe-receipt',
    summary: 'Where Stripe shows its own receipt of a purchase',
    params: z.object({ purchase_id: z.uuid() }),
    answer: stripeReceiptResponse,
    faults: ['not_found', 'payment_provider_unavailable'],
    handle: ({ deps, userId, params }) => findStripeReceipt(deps, userId, params.purchase_id),
  }),
];
