import { type Request, type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { callsQuery, receiptQuery, receiptResponse } from '../../shared/api/receipts.ts';
import { personOf, requireSelf } from '../accounts/require-person.ts';
import type { Dependencies } from '../dependencies.ts';
import { parseInput } from '../http/parse-input.ts';
import { listCalls } from './list-calls.ts';
import { readReceipt } from './read-receipt.ts';
import { receiptDocument } from './receipt-document.ts';

const callPath = z.object({ call_id: z.uuid() });

/** JSON is for whoever does not say; only who prefers HTML, such as a browser's own request, gets it. */
function formatOf(request: Request): 'json' | 'html' {
  const { format } = parseInput(receiptQuery, request.query);
  return format ?? (request.accepts(['json', 'html']) === 'html' ? 'html' : 'json');
}

export function receiptRoutes(deps: Dependencies, signedIn: RequestHandler): Router {
  const router = Router();
  router.get('/user/:user_id/calls', signedIn, requireSelf, async (request, response) => {
    response.json(await listCalls(deps, personOf(response).userId, parseInput(callsQuery, request.query)));
  });
  router.get('/user/:user_id/calls/:call_id/receipt', signedIn, requireSelf, async (request, response) => {
    const format = formatOf(request);
    const { call_id: callId } = parseInput(callPath, request.params);
    const receipt = await readReceipt(deps, personOf(response).userId, callId);
    response.vary('accept');
    if (format === 'json') response.json(receipt);
    else response.type('html').send(receiptDocument(receiptResponse.parse(receipt)));
  });
  return router;
}
