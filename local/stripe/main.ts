import { z } from 'zod';
import { port } from '../../shared/config/kinds.ts';
import { onlyGiven } from './api/form.ts';
import { startStripeStandIn } from './server.ts';

const environment = z
  .object({
    ENVIRONMENT: z.string().optional(),
    STRIPE_STAND_IN_PORT: port(0),
    STRIPE_STAND_IN_FILE: z.string().min(1),
    STRIPE_STAND_IN_URL: z.url().optional(),
    STRIPE_STAND_IN_SETTLE_MS: z.coerce.number().int().min(0).optional(),
    STRIPE_STAND_IN_RETRY_SCALE: z.coerce.number().positive().max(1).optional(),
    STRIPE_SECRET_KEY: z.string().min(1),
    STRIPE_PUBLISHABLE_KEY: z.string().min(1),
    STRIPE_WEBHOOK_URL: z.url().optional(),
    STRIPE_WEBHOOK_SECRET: z.string().min(1).optional(),
    STRIPE_THIN_WEBHOOK_URL: z.url().optional(),
    STRIPE_THIN_WEBHOOK_SECRET: z.string().min(1).optional(),
  })
  .refine((values) => values.ENVIRONMENT !== 'production', {
    path: ['ENVIRONMENT'],
    error: 'the Stripe stand-in takes no money and must not run in production',
  })
  .refine((values) => values.STRIPE_WEBHOOK_URL === undefined || values.STRIPE_WEBHOOK_SECRET !== undefined, {
    path: ['STRIPE_WEBHOOK_SECRET'],
    error: 'needed to sign what goes to STRIPE_WEBHOOK_URL',
  });

async function main(): Promise<void> {
  // A line such as `STRIPE_WEBHOOK_URL=` in an environment file means that it is not set.
  const given = Object.entries(process.env).filter(([, value]) => value !== '');
  const parsed = environment.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    // Names and reasons only: the values are secrets.
    throw new Error(
      parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    );
  }
  const values = parsed.data;
  const { STRIPE_WEBHOOK_URL: url, STRIPE_WEBHOOK_SECRET: secret } = values;
  const { STRIPE_THIN_WEBHOOK_URL: thinUrl, STRIPE_THIN_WEBHOOK_SECRET: thinSecret } = values;
  const standIn = await startStripeStandIn({
    port: values.STRIPE_STAND_IN_PORT,
    secretKey: values.STRIPE_SECRET_KEY,
    publishableKey: values.STRIPE_PUBLISHABLE_KEY,
    databaseFile: values.STRIPE_STAND_IN_FILE,
    ...onlyGiven({
      publicUrl: values.STRIPE_STAND_IN_URL?.replace(/\/$/, ''),
      settleAfterMs: values.STRIPE_STAND_IN_SETTLE_MS,
      retryScale: values.STRIPE_STAND_IN_RETRY_SCALE,
    }),
    ...(url === undefined || secret === undefined ? {} : { webhook: { url, secret } }),
    ...(thinUrl === undefined || thinSecret === undefined
      ? {}
      : { thinWebhook: { url: thinUrl, secret: thinSecret } }),
  });
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void standIn.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  console.log(JSON.stringify({ ready: true, url: standIn.url }));
}

main().catch((error: unknown) => {
  console.error(`stripe stand-in: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
