import { route } from '../http/route.ts';
import { signingSecrets } from '../payments/verify-webhook.ts';
import { receiveMeterErrors } from './receive-meter-errors.ts';

/** Where Stripe tells of usage that it took and could not count. */
export const meterWebhookRoutes = [
  route({
    operationId: 'receiveMeterErrors',
    tag: 'webhooks',
    method: 'post',
    path: '/webhooks/stripe-meters',
    access: 'anybody',
    summary: 'Where Stripe tells of usage that it could not count',
    description:
      'Takes thin events (v1.billing.meter.error_report_triggered, v1.billing.meter.no_meter_found), signed with a secret of ' +
      'their own; what they tell of is fetched. Others are acknowledged. Anything but 2xx and 400 means: send it again.',
    headers: { 'Stripe-Signature': { description: 'As Stripe makes it.', maxLength: 8192 } },
    bytes: true,
    answer: 'json',
    faults: ['bad_signature', 'invalid_request', 'payment_provider_unavailable'],
    prepare(deps) {
      const secrets = signingSecrets(deps.config.STRIPE_THIN_WEBHOOK_SECRET ?? '');
      return async ({ request }) => {
        const delivery = { body: request.body, signature: request.get('stripe-signature') };
        return { received: true, outcome: await receiveMeterErrors(deps, secrets, delivery) };
      };
    },
  }),
];
