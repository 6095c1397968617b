import { createCheckoutSessionResponse } from '../../shared/api/checkout.ts';
import {
  type CreatePaymentIntentRequest,
  createPaymentIntentRequest,
  createPaymentIntentResponse,
} from '../../shared/api/payments.ts';
import { noteLanguage } from '../base/page-settings.ts';
import { BUYERS_KEY_LENGTH, route } from '../http/route.ts';
import { createCheckoutSession } from './create-checkout-session.ts';
import { createPaymentIntent } from './create-payment-intent.ts';
import { pageUrlOf } from './page-url.ts';
import { createEventReceiver } from './receive-stripe-event.ts';
import { signingSecrets, verifyWebhook } from './verify-webhook.ts';

// 201 on a repeat too: the answer to a retry is the answer that got lost.
const beginning = {
  tag: 'purchases',
  method: 'post',
  access: 'person',
  idempotency: {
    names: 'Names the purchase: new for each, the same for a retry.',
    maxLength: BUYERS_KEY_LENGTH,
  },
  body: createPaymentIntentRequest,
  status: 201,
} as const;

const wishOf = (body: CreatePaymentIntentRequest) => ({
  packageId: body.package_id,
  purpose: body.for,
  tenantId: body.tenant_id,
  gift: {
    message: body.message,
    recipientName: body.recipient_name,
    email: body.recipient_email,
    deliverOn: body.deliver_on,
    timeZone: body.time_zone,
  },
});

/** Buying: with our own form, or on a page of Stripe. */
export const paymentRoutes = [
  route({
    ...beginning,
    operationId: 'createPaymentIntent',
    path: '/create-payment-intent',
    summary: 'Begin a purchase, or find the one that this key began',
    description:
      'Nothing is paid here: the client confirms the payment with Stripe, and time follows when Stripe has ' +
      'the money. The same key always answers the same intent, with status 201 also on a repeat.',
    answer: createPaymentIntentResponse,
    faults: [
      'unknown_package',
      'role_missing',
      'idempotency_key_reused',
      'purchase_closed',
      'checkout_open',
      'payment_provider_unavailable',
    ],
    async handle({ deps, userId, body, idempotencyKey, request }) {
      await noteLanguage(deps.database, userId, request);
      return createPaymentIntent(deps, {
        ...wishOf(body),
        userId,
        idempotencyKey,
        keepCard: body.keep_card,
      });
    },
  }),
  route({
    ...beginning,
    operationId: 'createCheckoutSession',
    path: '/create-checkout-session',
    summary: 'Pay a purchase on a page of Stripe instead',
    description:
      'For a new purchase, or the one that this key began: its payment intent is canceled then, and only the page can ' +
      'take the money. The same key always answers the same page, with status 201 also on a repeat.',
    answer: createCheckoutSessionResponse,
    faults: [
      'unknown_package',
      'role_missing',
      'idempotency_key_reused',
      'purchase_closed',
      'payment_provider_unavailable',
    ],
    async handle({ deps, userId, body, idempotencyKey, request }) {
      await noteLanguage(deps.database, userId, request);
      return createCheckoutSession(deps, {
        ...wishOf(body),
        userId,
        idempotencyKey,
        pageUrl: pageUrlOf(deps.config, request),
      });
    },
  }),
];

/** Where Stripe tells of payments. */
export const stripeWebhookRoutes = [
  route({
    operationId: 'receiveStripeEvent',
    tag: 'webhooks',
    method: 'post',
    path: '/webhooks/stripe',
    access: 'anybody',
    summary: 'Where Stripe tells of payments',
    description:
      'Which events it needs: webhook-server/payments/README.md. Others are noted and acknowledged. Answers 2xx only ' +
      'when the event is stored and applied, or waits for an operator. 400 is for what is no snapshot event, thin events ' +
      'among it: sending it again does not help. Anything else means: send it again.',
    headers: { 'Stripe-Signature': { description: 'As Stripe makes it.', maxLength: 8192 } },
    bytes: true,
    answer: 'json',
    faults: ['bad_signature', 'invalid_request', 'payment_provider_unavailable'],
    prepare(deps) {
      const receive = createEventReceiver(deps);
      const secrets = signingSecrets(deps.config.STRIPE_WEBHOOK_SECRET);
      return async ({ request }) => {
        const signature = request.get('stripe-signature');
        const event = verifyWebhook({ ...deps, secrets }, request.body, signature);
        // Answered only after the transaction: an earlier 2xx would say that all is done when it is only stored.
        return { received: true, outcome: await receive(event, 'webhook') };
      };
    },
  }),
];
