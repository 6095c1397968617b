import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import express from 'express';
import Stripe from 'stripe';

/** What any webhook route does at least: checks the signature, and answers. `express` or `http`, as the first argument. */
const [kind, secret = ''] = process.argv.slice(2);
const stripe = new Stripe('sk_test_of_the_benchmark');

function verify(body: Buffer, signature: unknown): string {
  return stripe.webhooks.constructEvent(body, String(signature), secret).id;
}

const app = express();
app.post('/webhooks/stripe', express.raw({ type: () => true }), (request, response) => {
  verify(request.body, request.get('stripe-signature'));
  response.json({ received: true });
});

const plain = createServer((request, response) => {
  void buffer(request).then((body) => {
    verify(body, request.headers['stripe-signature']);
    response.setHeader('content-type', 'application/json').end('{"received":true}');
  });
});

const server = (kind === 'express' ? createServer(app) : plain).listen(0, '127.0.0.1', () => {
  console.log((server.address() as AddressInfo).port);
});
