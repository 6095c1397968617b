import { claimTrialResponse, trialResponse } from '../../shared/api/trials.ts';
import { addressOf } from '../http/address-of.ts';
import { route } from '../http/route.ts';
import { claimTrial, readTrial } from './claim-trial.ts';

const own = { tag: 'time', access: 'self', path: '/user/:user_id/trial' } as const;

/** Free minutes to try. */
export const trialRoutes = [
  route({
    ...own,
    operationId: 'readTrial',
    method: 'get',
    summary: 'Whether you can have free minutes to try',
    answer: trialResponse,
    handle: ({ deps, userId, request }) => readTrial(deps, { userId, address: addressOf(request) }),
  }),
  route({
    ...own,
    operationId: 'claimTrial',
    method: 'post',
    summary: 'Take your free minutes to try',
    description:
      'Once for ever, for who has a confirmed e-mail address and has neither bought time nor talked. They are used before ' +
      'all other time and cannot be refunded. A repeat answers the same card, with status 201 also then.',
    status: 201,
    answer: claimTrialResponse,
    faults: ['trial_unavailable'],
    handle: ({ deps, userId, request }) => claimTrial(deps, { userId, address: addressOf(request) }),
  }),
];
