import { test } from 'vitest';
import { closing } from '../support/closing.ts';
import { NOT_BY_ITSELF_MS, startSidecar } from '../support/sidecar.ts';
import { hostedCheckoutBuyer } from './hosted-checkout-buyer.ts';

const start = () =>
  startSidecar({ settleAfterMs: NOT_BY_ITSELF_MS, config: { PUBLIC_URL: 'https://mindbot.example/' } });

/** A test that is given a `sidecar`, and somebody new: `person`, who is a `buyer` on Stripe's page. */
export const testWithBuyer = test
  .extend('sidecar', { scope: 'file' }, closing(start))
  .extend('person', ({ sidecar }) => sidecar.database.signUp())
  .extend('buyer', ({ sidecar, person }) => hostedCheckoutBuyer(sidecar, person));
