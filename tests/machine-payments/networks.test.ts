import { expect, test } from 'vitest';
import { readNetworks } from '../../webhook-server/machine-payments/networks.ts';

const PAY_TO = '0x00000000000000000000000000000000005e11e4';
const DEVNET = 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1';
const read = (payTo: [string, string][], more: object = {}) =>
  readNetworks({
    X402_FACILITATOR_URL: 'http://127.0.0.1:1',
    X402_PAY_TO: new Map(payTo),
    X402_RPC_URLS: new Map(payTo.map(([network]) => [network, 'http://127.0.0.1:2'])),
    X402_ASSETS: new Map(),
    X402_MAINNETS: false,
    ...more,
  });

test('testnets are sold on, and chains of real money only where that is said', () => {
  const both: [string, string][] = [
    ['eip155:84532', PAY_TO],
    [DEVNET, '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU'],
  ];
  expect(read(both).networks).toMatchObject([
    {
      id: 'eip155:84532',
      asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
      extra: { name: 'USDC', version: '2' },
    },
    { id: DEVNET, asset: '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU' },
  ]);
  const base: [string, string][] = [['eip155:8453', PAY_TO]];
  expect(read(base)).toMatchObject({ networks: [], problems: [expect.stringContaining('X402_MAINNETS')] });
  expect(read(base, { X402_MAINNETS: true }).networks[0]?.extra).toEqual({ name: 'USD Coin', version: '2' });
});

test('what is missing is named', () => {
  const own: [string, string][] = [['eip155:31337', PAY_TO]];
  expect(read(own).problems).toEqual([expect.stringContaining('X402_ASSETS')]);
  const named = { X402_ASSETS: new Map([['eip155:31337', `${PAY_TO}/USDC/2`]]) };
  expect(read(own, named)).toMatchObject({ networks: [{ asset: PAY_TO }], problems: [] });
  expect(read([['eip155:84532', '0x1']]).problems).toEqual([expect.stringContaining('X402_PAY_TO')]);
  expect(read([['eip155:84532', PAY_TO]], { X402_RPC_URLS: new Map() }).problems).toEqual([
    expect.stringContaining('X402_RPC_URLS'),
  ]);
  expect(read([], { X402_FACILITATOR_URL: undefined })).toEqual({ networks: [], problems: [] });
});
