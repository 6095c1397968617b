import { z } from 'zod';
import { savedCardsResponse } from '../../shared/api/saved-cards.ts';
import { route } from '../http/route.ts';
import { listSavedCards, removeSavedCard } from './saved-cards.ts';

const path = '/user/:user_id/payment-methods';
const own = { tag: 'saved cards', access: 'self', answer: savedCardsResponse } as const;

/** A person's own cards at Stripe. */
export const savedCardRoutes = [
  route({
    ...own,
    operationId: 'listSavedCards',
    method: 'get',
    path,
    summary: 'The cards that you had kept',
    faults: ['payment_provider_unavailable'],
    handle: async ({ deps, userId }) => ({ payment_methods: await listSavedCards(deps, userId) }),
  }),
  route({
    ...own,
    operationId: 'removeSavedCard',
    evenFrozen: true,
    method: 'delete',
    path: `${path}/:payment_method_id`,
    summary: 'Remove a kept card',
    description:
      'An automatic top-up that uses it ends first. Answers the cards that are left, also on a repeat.',
    params: z.object({ payment_method_id: z.string().regex(/^\w{1,255}$/) }),
    faults: ['payment_provider_unavailable'],
    async handle({ deps, userId, params }) {
      await removeSavedCard(deps, userId, params.payment_method_id);
      return { payment_methods: await listSavedCards(deps, userId) };
    },
  }),
];
