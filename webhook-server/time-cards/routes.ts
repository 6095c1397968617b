import { z } from 'zod';
import {
  activateRequest,
  activateResponse,
  deliveryRequest,
  deliveryResponse,
  giftsResponse,
} from '../../shared/api/time-cards.ts';
import { addressOf } from '../http/address-of.ts';
import { route } from '../http/route.ts';
import { activateCard } from './activate-card.ts';
import { listGifts } from './list-gifts.ts';
import { rescheduleGift } from './reschedule-gift.ts';

export const timeCardRoutes = [
  route({
    operationId: 'activateCode',
    tag: 'time',
    method: 'post',
    path: '/activate',
    access: 'person',
    summary: 'Turn an activation code into a time card of your own',
    description:
      'Repeating it with a code that you used yourself changes nothing and says so, as `code_used`.',
    body: activateRequest,
    answer: activateResponse,
    faults: [
      'role_missing',
      'unknown_code',
      'code_used',
      'own_code',
      'code_revoked',
      'mistyped_code',
      'too_many_attempts',
    ],
    handle: ({ deps, userId, body, request }) =>
      activateCard(deps, { userId, tenantId: body.tenant_id, input: body.code, address: addressOf(request) }),
  }),
  route({
    operationId: 'listGifts',
    tag: 'time',
    method: 'get',
    path: '/user/:user_id/gifts',
    access: 'self',
    summary: 'The gifts that you bought, with their activation codes',
    answer: giftsResponse,
    handle: async ({ deps, userId }) => ({ gifts: await listGifts(deps, userId) }),
  }),
  route({
    operationId: 'rescheduleGift',
    tag: 'time',
    method: 'put',
    path: '/user/:user_id/gifts/:card_id/delivery',
    access: 'self',
    summary: 'Have the code of a gift sent on another day, or now',
    description: 'As long as it was not sent. It goes out at nine in the morning of that time zone.',
    params: z.object({ card_id: z.uuid() }),
    body: deliveryRequest,
    answer: deliveryResponse,
    faults: ['not_found', 'too_late'],
    handle: ({ deps, userId, params, body }) =>
      rescheduleGift(deps, {
        userId,
        cardId: params.card_id,
        deliverOn: body.deliver_on,
        timeZone: body.time_zone,
      }),
  }),
];
