import { createHmac } from 'node:crypto';
import { TEST_KEYS } from '../support/keys.ts';
import type { Attack } from './attack.ts';
import type { Credentials } from './attacks-on-tables.ts';

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function token(header: object, claims: object, secret?: string): string {
  const unsigned = `${base64(header)}.${base64(claims)}`;
  if (secret === undefined) return `${unsigned}.`;
  return `${unsigned}.${createHmac('sha256', secret).update(unsigned).digest('base64url')}`;
}

/** Tokens that nobody issued, for the victim and for the service. */
function forgedTokens(victimId: string, ownToken: string): Record<string, string> {
  const now = Math.floor(Date.now() / 1000);
  const service = { role: 'service_role', aud: 'authenticated', sub: victimId, iat: now, exp: now + 3600 };
  const victim = { ...service, role: 'authenticated' };
  const hs256 = { alg: 'HS256', typ: 'JWT' };
  const [head = '', payload = '', signature = ''] = ownToken.split('.');
  const own = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  return {
    'no signature, for the victim': token({ alg: 'none' }, victim),
    'no signature, for the service': token({ alg: 'none' }, service),
    'no signature, spelled NoNe': token({ alg: 'NoNe' }, service),
    'no algorithm': token({}, service),
    'a list of algorithms': token({ alg: ['none', 'HS256'] }, service),
    'another secret, for the victim': token(hs256, victim, 'another secret'),
    'another secret, for the service': token(hs256, service, 'another secret'),
    'the publishable key as secret': token(hs256, service, TEST_KEYS.publishableKey),
    'the well-known example secret': token(
      hs256,
      service,
      'super-secret-jwt-token-with-at-least-32-characters-long',
    ),
    'an empty secret': token(hs256, service, ''),
    'a key file of its own choice': token({ ...hs256, kid: '../../../../dev/null' }, service, ''),
    'a key in the header': token({ ...hs256, jwk: { kty: 'oct', k: 'YQ' } }, service, 'a'),
    'RS256 with the publishable key': token({ alg: 'RS256' }, service, TEST_KEYS.publishableKey),
    'HS512 in name only': token({ alg: 'HS512' }, service, 'another secret'),
    'own token with another role': `${head}.${base64({ ...own, role: 'service_role' })}.${signature}`,
    'own token with the victim inside': `${head}.${base64({ ...own, sub: victimId })}.${signature}`,
    'own token without its signature': `${head}.${payload}.`,
    'own token with a cut signature': `${head}.${payload}.${signature.slice(0, -1)}`,
    'the publishable key as token': TEST_KEYS.publishableKey,
    'a role instead of a token': 'service_role',
    nothing: '',
  };
}

const HEADERS: Record<string, Record<string, string>> = {
  'no key at all': {},
  'the publishable key as secret': {
    apikey: `sb_secret_${TEST_KEYS.publishableKey.slice('sb_publishable_'.length, -1)}`,
  },
  'a secret key of another project': { apikey: 'sb_secret_AAAAAAAAAAAAAAAAAAAAAAAA_AAAAAAAA' },
  'the prefix of a secret key': { apikey: 'sb_secret_' },
  'a role as key': { apikey: 'service_role' },
  'a role in a header': {
    apikey: TEST_KEYS.publishableKey,
    role: 'service_role',
    'x-supabase-role': 'service_role',
  },
  'a role in Prefer': { apikey: TEST_KEYS.publishableKey, prefer: 'role=service_role,tx=commit' },
  'a user in a header': {
    apikey: TEST_KEYS.publishableKey,
    'x-user-id': 'admin',
    'x-forwarded-user': 'postgres',
  },
  'a loopback address': {
    apikey: TEST_KEYS.publishableKey,
    'x-forwarded-for': '127.0.0.1',
    'x-real-ip': '::1',
  },
};

/** Requests that would hurt, if the one who sends them were believed. */
const deeds = (attackerId: string): Omit<Attack, 'name'>[] => [
  { method: 'GET', path: '/rest/v1/time_accounts?select=*', mayAnswer: true },
  { method: 'GET', path: '/rest/v1/activation_codes?select=*', mayAnswer: true },
  { method: 'PATCH', path: `/rest/v1/users?id=eq.${attackerId}`, body: { role: 'operator' } },
  { method: 'POST', path: '/rest/v1/rpc/audit_invariants', body: {} },
];

export function attacksByForgery(
  own: Credentials & { token: string },
  attackerId: string,
  victimId: string,
): Attack[] {
  const identities = [
    ...Object.entries(HEADERS),
    ...Object.entries(forgedTokens(victimId, own.token)).map(
      ([name, forged]) =>
        [name, { apikey: TEST_KEYS.publishableKey, authorization: `Bearer ${forged}` }] as const,
    ),
  ];
  return identities.flatMap(([name, headers]) =>
    deeds(attackerId).map((deed) => ({ ...deed, name: `${name}: ${deed.method} ${deed.path}`, headers })),
  );
}
