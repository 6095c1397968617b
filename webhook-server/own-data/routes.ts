import { deletionRequest, deletionResponse, deletionTermsResponse } from '../../shared/api/own-data.ts';
import { Fault } from '../../shared/errors.ts';
import { route } from '../http/route.ts';
import { createPasswordCheck } from './check-password.ts';
import { deleteAccount, readDeletionTerms } from './delete-account.ts';
import { sendExport } from './export-data.ts';

const deletion = { tag: 'settings', access: 'self', path: '/user/:user_id/deletion' } as const;

/** What people take with them, and leave. */
export const ownDataRoutes = [
  route({
    operationId: 'exportData',
    tag: 'settings',
    method: 'get',
    path: '/user/:user_id/export',
    access: 'self',
    summary: 'All that is kept of you, as one JSON file',
    description:
      'Account, settings, cards, every entry of the ledger, calls with receipts and ratings, purchases, memories and what you ' +
      'asked for help with. Streamed; one at a time.',
    answer: 'json',
    faults: ['unknown_user'],
    prepare(deps) {
      const underWay = new Set<string>();
      return async ({ userId, response }) => {
        if (underWay.has(userId)) {
          throw new Fault('too_many_requests', 'Your data is being sent already. Wait until that is done.');
        }
        underWay.add(userId);
        try {
          await sendExport(deps, userId, response);
        } finally {
          underWay.delete(userId);
        }
        return {};
      };
    },
  }),
  route({
    ...deletion,
    operationId: 'readDeletionTerms',
    method: 'get',
    summary: 'What you would lose with your account',
    answer: deletionTermsResponse,
    faults: ['unknown_user'],
    handle: ({ deps, userId }) => readDeletionTerms(deps, userId),
  }),
  route({
    ...deletion,
    operationId: 'deleteAccount',
    method: 'post',
    summary: 'Delete your account, for good',
    description:
      'Needs the e-mail address, typed, and the password where there is one. Live calls are ended first. Time that is left is ' +
      'given up, as far as you agree to that; gifts that you gave stay valid. What the books must keep stays without your name.',
    body: deletionRequest,
    answer: deletionResponse,
    faults: ['unknown_user', 'forfeit_not_agreed', 'last_owner', 'call_in_progress'],
    prepare(deps) {
      const checkPassword = createPasswordCheck(deps.config);
      return ({ userId, body }) => deleteAccount(deps, { ...body, userId }, checkPassword);
    },
  }),
];
