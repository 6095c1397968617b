import type { Attack } from './attack.ts';
import type { Credentials } from './attacks-on-tables.ts';

const SCHEMAS: Record<string, string[]> = {
  private: ['timers', 'remembered_calls'],
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
  'pricing_tiers?select=*,purchases(*,users(*))',
  'pricing_tiers?select=id,time_cards!inner(*,activation_codes(*))',
  'pricing_tiers?select=*,...purchases(*)',
  'users?select=*,time_accounts(*),time_cards(*),purchases(*)',
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
  'users?select=*,caller_memories(*),caller_settings(*)',
  'voice_sessions?select=*,caller_memories(text,embedding)',
  'caller_memories?select=*,voice_sessions(*),users(*)',
  'caller_memories?select=text&text=like.*dog*',
  'caller_memories?text=fts.dog',
  'caller_memories?select=t:text,e:embedding,m:embedding_model&order=embedding',
  'caller_memories?select=text.max(),count()',
  'caller_memories?embedding_model=not.is.null',
  'caller_settings?memory_enabled=is.true&select=*',
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
