import { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { codeBatchRequest } from '../../../shared/api/code-batches.ts';
import { Fault } from '../../../shared/errors.ts';
import { personOf } from '../../accounts/require-person.ts';
import type { Dependencies } from '../../dependencies.ts';
import { idempotencyKeyOf, OPERATORS_KEY_LENGTH } from '../../http/idempotency-key-of.ts';
import { parseInput } from '../../http/parse-input.ts';
import { requireOperator } from '../require-operator.ts';
import { createCodeBatch } from './create-code-batch.ts';
import { exportCodeBatch } from './export-code-batch.ts';
import { listCodeBatches } from './list-code-batches.ts';
import { revokeCodeBatch } from './revoke-code-batch.ts';

const batchPath = z.object({ batch_id: z.uuid() });

/** Express answers HEAD by the handler of GET, which here would spend the one export without showing it. */
const refuseHead: RequestHandler = () => {
  throw new Fault('not_found');
};

export function codeBatchRoutes(
  deps: Dependencies,
  signedIn: RequestHandler,
  limited: RequestHandler,
): Router {
  const router = Router();
  const operator = requireOperator(deps);
  router.post('/admin/code-batches', signedIn, limited, operator, async (request, response) => {
    const order = {
      ...parseInput(codeBatchRequest, request.body),
      idempotencyKey: idempotencyKeyOf(request, OPERATORS_KEY_LENGTH),
      operatorId: personOf(response).userId,
    };
    response.status(201).json(await createCodeBatch(deps, order));
  });
  router.get('/admin/code-batches', signedIn, limited, operator, async (_request, response) => {
    response.json({ batches: await listCodeBatches(deps, personOf(response).userId) });
  });
  router.head('/admin/code-batches/:batch_id/codes', refuseHead);
  router.get(
    '/admin/code-batches/:batch_id/codes',
    signedIn,
    limited,
    operator,
    async (request, response) => {
      const { batch_id: batchId } = parseInput(batchPath, request.params);
      const csv = await exportCodeBatch(deps, { batchId, operatorId: personOf(response).userId });
      response.attachment(`codes-${batchId}.csv`).type('text/csv').send(csv);
    },
  );
  router.post(
    '/admin/code-batches/:batch_id/revoke',
    signedIn,
    limited,
    operator,
    async (request, response) => {
      const { batch_id: batchId } = parseInput(batchPath, request.params);
      const operatorId = personOf(response).userId;
      response.json({ batch: await revokeCodeBatch(deps, { batchId, operatorId }) });
    },
  );
  return router;
}
