import { text } from '../api/form.ts';
import { ok, type Route, route } from '../api/route.ts';
import { confirmSetupIntent } from './confirm-setup-intent.ts';
import { setupIntentWithSecret } from './find-setup-intent.ts';
import { confirmParams } from './setup-intent-fields.ts';

/** A browser sees nothing of the customer or the metadata. */
function visiblePart(intent: object): object {
  const { customer: _customer, metadata: _metadata, ...visible } = { customer: 0, metadata: 0, ...intent };
  return visible;
}

function view(body: object): object {
  const error: unknown = Reflect.get(body, 'error');
  if (typeof error !== 'object' || error === null) return visiblePart(body);
  const intent: unknown = Reflect.get(error, 'setup_intent');
  if (typeof intent !== 'object' || intent === null) return body;
  return { error: { ...error, setup_intent: visiblePart(intent) } };
}

const retrieve = route({
  method: 'GET',
  path: '/v1/setup_intents/:id',
  keyKind: 'publishable',
  params: { client_secret: text() },
  view,
  handle: (call, { client_secret: secret }) => ok(setupIntentWithSecret(call, secret)),
});

const confirm = route({
  method: 'POST',
  path: '/v1/setup_intents/:id/confirm',
  keyKind: 'publishable',
  params: { ...confirmParams, client_secret: text() },
  view,
  handle: (call, { client_secret: secret, ...confirmation }) =>
    confirmSetupIntent(call, setupIntentWithSecret(call, secret), confirmation),
});

export const browserSetupIntentRoutes: readonly Route[] = [retrieve, confirm];
