import fc from 'fast-check';

/** What somebody with a bug, or with bad intentions, could put where a string or a number belongs. */
const VALUES: unknown[] = [
  null,
  -1,
  0.5,
  9_007_199_254_740_992,
  1e308,
  true,
  '',
  ' ',
  'x'.repeat(20_000),
  "'; drop table public.time_ledger; --",
  '\u202e\u0000',
  'starter\u0000',
  '\ud800',
  '00000000-0000-0000-0000-000000000000',
  [],
  ['starter'],
  {},
  { $gt: '' },
  { toString: 'starter' },
];
/** Bodies that are not what they say, or say two things at once. */
const BODIES = [
  '',
  'null',
  '[]',
  '"starter"',
  'NaN',
  '{"package_id": NaN, "for": "me"}',
  '{"package_id": 9007199254740993, "for": "me"}',
  '{"package_id": "starter", "for": "me"',
  '{"package_id": "nothing", "package_id": ["starter"], "for": "me"}',
  '{"__proto__": {"package_id": "starter", "for": "me"}}',
  '{"constructor": {"prototype": {"package_id": "starter"}}}',
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  `{"code": "${'9'.repeat(10_000_000)}"}`,
  '\ufeff{"package_id": "starter", "for": "them"}',
];
const TOKENS = ['none', 'garbage', 'unsigned', 'wrong key', 'expired', 'service'] as const;
const SIGNATURES = ['none', 'garbage', 'other secret', 'too old', 'other body'] as const;

export type ForgedToken = (typeof TOKENS)[number];
export type ForgedSignature = (typeof SIGNATURES)[number];

export type Attack =
  | { on: 'purchase'; field: 'package_id' | 'for' | 'both'; value: unknown }
  | { on: 'key'; key: string | undefined }
  | { on: 'activation'; value: unknown }
  | { on: 'body'; path: string; body: string }
  | { on: 'others'; what: string; who: 'other' | 'odd' }
  | { on: 'token'; path: string; token: ForgedToken }
  | { on: 'stripe'; signature: ForgedSignature }
  | { on: 'livekit'; token: string };

const value = fc.constantFrom(...VALUES);
const PATHS = ['/create-payment-intent', '/activate'];
export const attack: fc.Arbitrary<Attack> = fc.oneof(
  fc.record({
    on: fc.constant('purchase' as const),
    field: fc.constantFrom('package_id', 'for', 'both'),
    value,
  }),
  fc.record({ on: fc.constant('key' as const), key: fc.constantFrom(undefined, '', 'k'.repeat(256)) }),
  fc.record({ on: fc.constant('activation' as const), value }),
  fc.record({
    on: fc.constant('body' as const),
    path: fc.constantFrom(...PATHS),
    body: fc.constantFrom(...BODIES),
  }),
  fc.record({
    on: fc.constant('others' as const),
    what: fc.constantFrom('balance', 'gifts'),
    who: fc.constantFrom('other', 'odd'),
  }),
  fc.record({
    on: fc.constant('token' as const),
    path: fc.constantFrom(...PATHS, '/token'),
    token: fc.constantFrom(...TOKENS),
  }),
  fc.record({ on: fc.constant('stripe' as const), signature: fc.constantFrom(...SIGNATURES) }),
  fc.record({ on: fc.constant('livekit' as const), token: fc.constantFrom('', 'garbage', 'Bearer x.y.z') }),
);
