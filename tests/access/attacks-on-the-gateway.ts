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

const SCHEMAS: Record<string, string[]> = {
  private: ['timers'],
  auth: ['users', 'sessions', 'refresh_tokens', 'identities'],
  supabase_migrations: ['schema_migrations'],
  pg_catalog: ['pg_authid', 'pg_roles', 'pg_proc', 'pg_settings', 'pg_stat_activity'],
  information_schema: ['tables', 'columns'],
  extensions: ['users'],
  storage: ['objects', 'buckets'],
};

const PATHS = [
  'private.timers',
  'auth.users',
  'public.users',
  '"auth"."users"',
  'auth%2Eusers',
  'rpc/pg_sleep',
  'rpc/set_config',
  'rpc/pg_read_file',
  'rpc/follow_auth_user',
  'rpc/lo_import',
  'users;drop table time_ledger',
  'time_cards%00',
  '..%2f..%2fauth',
];
const QUERIES = [
  'pricing_tiers?select=*,time_cards(*)',
  'pricing_tiers?select=*,payment_history(*,users(*))',
  'pricing_tiers?select=id,time_cards!inner(*,activation_codes(*))',
  'pricing_tiers?select=*,...payment_history(*)',
  'users?select=*,time_accounts(*),time_cards(*),payment_history(*)',
  'time_accounts?select=*,users(*)',
  'users?select=*,time_cards!time_cards_purchaser_id_fkey(*,activation_codes(code_hash))',
  'time_cards?select=*,activation_codes(*)',
  'voice_sessions?select=*,users(email),time_ledger(*)',
  'time_ledger?select=*,time_cards(*,users(*)),voice_sessions(receipt)',
  'time_accounts?select=balance_seconds.sum()',
  'time_accounts?select=balance_seconds.max(),count()',
  'users?select=count',
  'users?select=email::text',
  'users?select=e:email,raw:id',
  'users?order=email.desc&limit=1',
  'users?order=time_accounts(balance_seconds).desc',
  'users?email=like.*',
  'users?id=not.is.null&select=*',
  'users?and=(id.not.is.null,or(role.eq.operator,role.neq.operator))',
  'users?id=eq.1%27%20or%201=1--',
  'users?select=*%20from%20auth.users--',
  'users?select=(select%20email%20from%20auth.users)',
  'users?role=eq.operator%22;%20reset%20role;--',
  'users?limit=1;select%201',
  'users?select=*&apikey=service_role',
  'voice_sessions?select=receipt->cards,receipt->>call_id',
  'voice_sessions?receipt->>call_id=not.is.null',
  'pricing_tiers?active=eq.false',
  'pricing_tiers?select=*&active=is.not.true',
  'pricing_tiers?or=(active.eq.false,active.eq.true)',
  'time_cards?user_id=is.null',
  'time_cards?select=*&user_id=is.null&source=eq.gift',
  'users?explain',
];
const DOORS = [
  '_system/config',
  '_system/info',
  '_system/introspect',
  '_system/ping',
  'auth/v1/admin/users',
  'auth/v1/admin/generate_link',
  'auth/v1/admin/audit',
  'auth/v1/users',
  'rest/v1/',
  'rest/v1',
  'graphql/v1',
  'pg-meta/default/tables',
  'pg/query',
  'admin',
  'api/v3',
  'storage/v1/bucket',
  'storage/v1/object/list/x',
  'functions/v1/x',
  'realtime/v1/api',
  '.env',
  'rest/v1/../../_system/config',
];

/** Other schemas, odd paths, embedded tables, injected SQL, and doors meant for others. */
export function attacksByDetour(who: Credentials, victimId: string): Attack[] {
  const get = (name: string, path: string, headers = {}, accept = {}) => ({
    name: `${who.as}: ${name}`,
    method: 'GET',
    path,
    headers: { ...who.headers, ...headers, ...accept },
    mayAnswer: true,
  });
  const schemas = Object.entries(SCHEMAS).flatMap(([schema, tables]) =>
    tables.flatMap((table) => [
      get(`${schema}.${table}`, `/rest/v1/${table}?select=*`, { 'accept-profile': schema }),
      {
        ...get(`write ${schema}.${table}`, `/rest/v1/${table}`, { 'content-profile': schema }),
        method: 'POST',
        body: { id: victimId, name: 'hacked' },
        mayAnswer: false,
      },
    ]),
  );
  const explain = { accept: 'application/vnd.pgrst.plan+text; options=analyze|verbose' };
  return [
    ...schemas,
    ...PATHS.map((path) => get(path, `/rest/v1/${path}`)),
    ...QUERIES.map((query) => get(query, `/rest/v1/${query}`)),
    get('the plan of a query', '/rest/v1/users?select=*', explain),
    ...DOORS.flatMap((door) => [
      get(`GET ${door}`, `/${door}`),
      {
        ...get(`POST ${door}`, `/${door}`),
        method: 'POST',
        body: { email: 'x@example.com', password: 'hacked 12345678', query: 'select 1' },
        mayAnswer: false,
      },
      { ...get(`DELETE ${door}`, `/${door}/${victimId}`), method: 'DELETE', mayAnswer: false },
    ]),
  ];
}
