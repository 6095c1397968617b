import { expect, test } from 'vitest';
import { createGuardedFetch } from '../../shared/paid-apis/guarded-fetch.ts';
import { isPublicAddress } from '../../shared/paid-apis/public-address.ts';
import { sellerFixture } from './seller.ts';

const it = test.extend('seller', { scope: 'file' }, sellerFixture);
const options = { method: 'GET', headers: {}, timeoutMs: 1_000, maxBytes: 100_000 };

const PRIVATE = [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '192.0.0.8',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:8.8.8.8',
  '::127.0.0.1',
  'fe80::1',
  'fe80::1%eth0',
  'fc00::1',
  'fd00:ec2::254',
  'ff02::1',
  '64:ff9b::a00:1',
  '64:ff9b:1::1',
  '2002:7f00:1::',
  '2001::1',
  '2001:db8::1',
  '3fff::1',
  'no address',
  '',
];
const PUBLIC = [
  '8.8.8.8',
  '1.1.1.1',
  '172.32.0.1',
  '100.128.0.1',
  '2606:4700:4700::1111',
  '2a00:1450:4001::200e',
];

test('what is not on the public internet is known, in every way of writing it', () => {
  expect(PRIVATE.filter(isPublicAddress)).toEqual([]);
  expect(PUBLIC.filter((address) => !isPublicAddress(address))).toEqual([]);
});

test.each([
  'http://example.com/',
  'https://127.0.0.1/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://017700000001/',
  'https://[::1]/',
  'https://[::ffff:7f00:1]/',
  'https://169.254.169.254/latest/meta-data/',
  'https://user:password@example.com/',
  'https://0/',
])('%s is never asked', async (address) => {
  const resolve = () => {
    throw new Error('nothing is resolved');
  };
  expect(await createGuardedFetch({ resolve })(new URL(address), options)).toEqual({ refusal: 'unsafe' });
});

test('a name is refused by its address, also by one of several, also when it changed since it was last asked', async () => {
  let answers = [['93.184.216.34', '10.0.0.7'], ['127.0.0.1'], ['fd00::1']];
  const asked: string[] = [];
  const guarded = createGuardedFetch({
    resolve(hostname, _options, callback) {
      asked.push(hostname);
      const [first = [], ...rest] = answers;
      answers = rest;
      callback(
        null,
        first.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    },
  });
  for (const _ of [1, 2, 3]) {
    expect(await guarded(new URL('https://rebinding.example/'), options)).toEqual({ refusal: 'unsafe' });
  }
  expect(asked).toEqual(['rebinding.example', 'rebinding.example', 'rebinding.example']);
});

it('is answered by whom it may ask, and bounded in time, size and steps', async ({ seller }) => {
  const guarded = createGuardedFetch({ allowedOrigins: [seller.origin] });
  const ask = (path: string) => guarded(new URL(`${seller.origin}/${path}`), options);
  expect(await ask('ok')).toMatchObject({ status: 200, text: expect.stringContaining('21.5') });
  expect(await ask('slow')).toEqual({ refusal: 'timeout' });
  expect(await ask('big')).toEqual({ refusal: 'too_big' });
  expect(await ask('bomb')).toEqual({ refusal: 'too_big' });
  expect(await ask('redirect')).toEqual({ refusal: 'redirect' });
  expect(await ask('hangup')).toEqual({ refusal: 'unreachable' });
  // The same server without leave to ask it: of this machine, and not even connected to.
  const before = seller.requests.length;
  expect(await createGuardedFetch()(new URL(`${seller.origin}/ok`), options)).toEqual({ refusal: 'unsafe' });
  expect(seller.requests).toHaveLength(before);
});
