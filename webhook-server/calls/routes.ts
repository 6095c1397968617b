import express, { type RequestHandler, Router } from 'express';
import { tokenRequest } from '../../shared/api/calls.ts';
import { renewalRequest } from '../../shared/api/renewals.ts';
import { personOf } from '../accounts/require-person.ts';
import type { Dependencies } from '../dependencies.ts';
import { parseInput } from '../http/parse-input.ts';
import { createCallToken } from './create-call-token.ts';
import { gatherRenewals } from './gather-renewals.ts';
import { receiveLiveKitEvent } from './receive-livekit-event.ts';
import { renewCalls } from './renew-calls.ts';
import { requireServiceKey } from './require-service-key.ts';

export function callRoutes(deps: Dependencies, signedIn: RequestHandler, limited: RequestHandler): Router {
  const router = Router();
  router.post('/token', signedIn, limited, async (request, response) => {
    // Checked for shape and then dropped: clients of the standard send wishes that are not theirs to make.
    parseInput(tokenRequest, request.body ?? {});
    const token = await createCallToken(deps, personOf(response).userId);
    response.status(201).json(token);
  });
  return router;
}

/**
 * Where workers report the use of their calls. Parses its own body, only once the key is right, so it belongs
 * before any other parser.
 */
export function renewalRoutes({ config, database, metrics }: Dependencies): Router {
  const renew = gatherRenewals(async (renewals) => {
    metrics.renewalBatchSize.observe(renewals.length);
    try {
      return await renewCalls(database, renewals);
    } catch (error) {
      metrics.failedRenewalBatches.inc();
      throw error;
    }
  }, config.RENEWAL_BATCH_MS);
  const router = Router();
  const ours = requireServiceKey(config.SUPABASE_SERVICE_ROLE_KEY);
  router.post('/internal/renewals', ours, express.json({ limit: '1kb' }), async (request, response) => {
    const answer = await renew(parseInput(renewalRequest, request.body));
    response.set('cache-control', 'no-store').json(answer);
  });
  return router;
}

/** Where LiveKit tells of rooms. Takes the body as bytes, so it belongs before any JSON parser. */
export function livekitWebhookRoutes(deps: Dependencies): Router {
  const router = Router();
  const raw = express.raw({ type: () => true, limit: '1mb' });
  router.post('/webhooks/livekit', raw, async (request, response) => {
    await receiveLiveKitEvent(deps, request.body, request.get('authorization'));
    response.json({ received: true });
  });
  return router;
}
