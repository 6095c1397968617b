import { join } from 'node:path';
import express, { type RequestHandler } from 'express';

/** Where a page finds `stripe.js`, at the address of the API. */
export const STRIPE_JS_PATH = '/v3';

// Any page may frame the form: it holds test cards only.
const POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** Serves what stands in for Stripe.js, and the frame in which it asks for a card. */
export function serveStripeJs(): RequestHandler {
  return express.static(join(import.meta.dirname, 'browser'), {
    index: false,
    setHeaders(response) {
      response.setHeader('content-security-policy', POLICY);
      response.setHeader('cache-control', 'no-cache');
      response.setHeader('referrer-policy', 'no-referrer');
    },
  });
}
