import { z } from 'zod';
import { type AutoTopUpResponse, autoTopUpRequest, autoTopUpResponse } from '../../shared/api/auto-top-up.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { route } from '../http/route.ts';
import { setAutoTopUp } from './set-auto-top-up.ts';

const path = '/user/:user_id/auto-top-up';
const shared = { tag: 'saved cards', access: 'self', answer: autoTopUpResponse } as const;

function readAutoTopUp({ database }: Dependencies, userId: string): Promise<AutoTopUpResponse> {
  return callFunction(database, 'read_auto_top_up', { p_user_id: userId }, autoTopUpResponse);
}

/** A person's own automatic top-up. */
export const autoTopUpRoutes = [
  route({
    ...shared,
    operationId: 'readAutoTopUp',
    method: 'get',
    path,
    summary: 'Your automatic top-up',
    handle: ({ deps, userId }) => readAutoTopUp(deps, userId),
  }),
  route({
    ...shared,
    operationId: 'enableAutoTopUp',
    method: 'post',
    path,
    summary: 'Consent to automatic top-up on these terms',
    description:
      'When free time falls to the threshold, the package is bought with the saved card. One charge at a time, never ' +
      'beyond the cap of a calendar month (UTC). Package, price, currency and cap are those of this consent: when the ' +
      'package or its price changes, after two declines in a row, and when money went back to you by a refund or a ' +
      'dispute, nothing is charged until you send this again.',
    body: autoTopUpRequest,
    faults: ['unknown_package', 'price_changed', 'payment_provider_unavailable'],
    async handle({ deps, userId, body }) {
      await setAutoTopUp(deps, userId, body);
      const { package_id, threshold_seconds, monthly_cap_cents } = body;
      const line = { user_id: userId, package_id, threshold_seconds, monthly_cap_cents };
      deps.logger.info(line, 'a person consented to automatic top-up');
      return readAutoTopUp(deps, userId);
    },
  }),
  route({
    ...shared,
    operationId: 'disableAutoTopUp',
    evenFrozen: true,
    method: 'post',
    path: `${path}/disable`,
    summary: 'End your automatic top-up',
    async handle({ deps, userId }) {
      const answer = z.object({ status: z.string() });
      await callFunction(deps.database, 'disable_auto_top_up', { p_user_id: userId }, answer);
      return readAutoTopUp(deps, userId);
    },
  }),
];
