import { SignJWT } from 'jose';
import type Stripe from 'stripe';
import { TEST_KEYS } from '../../support/keys.ts';
import type { Answer } from '../../support/sidecar.ts';
import type { Caller, SidecarBench } from '../sidecar-bench.ts';
import type { Attack, ForgedSignature, ForgedToken } from './attacks.ts';

const GOOD = { package_id: 'starter', for: 'me' };
async function forgeToken(kind: ForgedToken, userId: string): Promise<string | undefined> {
  if (kind === 'none') return undefined;
  if (kind === 'garbage') return 'a.b.c';
  const part = (one: object) => Buffer.from(JSON.stringify(one)).toString('base64url');
  const claims = { sub: userId, role: 'authenticated', exp: Math.floor(Date.now() / 1000) + 3600 };
  if (kind === 'unsigned') return `${part({ alg: 'none' })}.${part(claims)}.`;
  const role = kind === 'service' ? 'service_role' : 'authenticated';
  // One thing wrong at a time: these two are refused for what they say.
  const isOurs = kind === 'expired' || kind === 'service';
  const key = new TextEncoder().encode(
    isOurs ? TEST_KEYS.jwtSecret : 'a key that is long enough, but is not the right one',
  );
  return new SignJWT({ role })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setExpirationTime(kind === 'expired' ? 1 : '1h')
    .sign(key);
}

function forgeWebhook(bench: SidecarBench, kind: ForgedSignature, event: Stripe.Event): Promise<Answer> {
  const payload = JSON.stringify(event);
  const secret =
    kind === 'other secret' ? 'whsec_of_somebody_else' : bench.sidecar.deps.config.STRIPE_WEBHOOK_SECRET;
  const timestamp = Math.floor(Date.now() / 1000) - (kind === 'too old' ? 3 * 86_400 : 0);
  const signed = bench.sidecar.stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
  const headers: Record<string, string> =
    kind === 'none' ? {} : { 'stripe-signature': kind === 'garbage' ? 't=1,v1=00' : signed };
  const raw = kind === 'other body' ? payload.replace('"id":', '"id" :') : payload;
  return bench.sidecar.post('/webhooks/stripe', { raw, headers });
}

/** Sends one attack, as `own`, against the sidecar and against what belongs to `other`. */
export async function strike(
  bench: SidecarBench,
  own: Caller,
  other: Caller,
  event: Stripe.Event,
  one: Attack,
) {
  const { sidecar } = bench;
  const { token } = own;
  const headers: Record<string, string> = { 'idempotency-key': crypto.randomUUID() };
  switch (one.on) {
    case 'purchase': {
      const fields = one.field === 'both' ? ['package_id', 'for'] : [one.field];
      const body = { ...GOOD, ...Object.fromEntries(fields.map((field) => [field, one.value])) };
      return sidecar.post('/create-payment-intent', { token, headers, body });
    }
    case 'key':
      return sidecar.post('/create-payment-intent', {
        token,
        body: GOOD,
        headers: one.key === undefined ? {} : { 'idempotency-key': one.key },
      });
    case 'activation':
      return sidecar.post('/activate', { token, body: { code: one.value } });
    case 'body': {
      const asJson = { ...headers, 'content-type': 'application/json' };
      return sidecar.post(one.path, { token, raw: one.body, headers: asJson });
    }
    case 'others':
      return sidecar.get(`/user/${one.who === 'other' ? other.id : "x' or 1=1"}/${one.what}`, { token });
    case 'token': {
      const forged = await forgeToken(one.token, other.id);
      return sidecar.post(one.path, { ...(forged !== undefined && { token: forged }), headers, body: GOOD });
    }
    case 'stripe':
      return forgeWebhook(bench, one.signature, event);
    case 'livekit':
      return sidecar.post('/webhooks/livekit', {
        raw: '{"event":"room_finished"}',
        headers: { authorization: one.token },
      });
  }
}
