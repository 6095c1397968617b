import type Stripe from 'stripe';

export const CARD_ITEM = {
  price_data: { currency: 'usd', unit_amount: 999, product_data: { name: 'One hour' } },
  quantity: 1,
};

export const SESSION = {
  mode: 'payment',
  line_items: [CARD_ITEM],
  success_url: 'https://shop.example/paid?session={CHECKOUT_SESSION_ID}',
  cancel_url: 'https://shop.example/packages',
} as const satisfies Stripe.Checkout.SessionCreateParams;

export const FORM = {
  email: 'payer@example.com',
  method: 'card',
  number: '4242 4242 4242 4242',
  expiry: '12 / 40',
  cvc: '123',
  name: 'Ada Payer',
};
