import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { checkChains } from '../../commands/doctor/check-chains.ts';
import { EvmLedger } from '../../local/chain-nodes/evm-ledger.ts';
import { type ScriptedNode, startNode } from '../../local/chain-nodes/start-node.ts';
import { chainVariables } from '../../shared/config/chain-variables.ts';
import { ConfigurationError, loadConfig } from '../../shared/config/load-config.ts';
import type { Dependencies } from '../../webhook-server/base/dependencies.ts';
import { createMetrics } from '../../webhook-server/base/metrics.ts';
import { createOutsideCheck } from '../../webhook-server/operations/check-outside.ts';
import { patience } from '../support/patience.ts';

let nodes: ScriptedNode[];
beforeAll(async () => {
  const [base, other] = [new EvmLedger(8453), new EvmLedger(1)];
  nodes = [
    await startNode(base.methods()),
    await startNode(base.methods()),
    await startNode(other.methods()),
  ];
});
afterAll(async () => {
  for (const node of nodes) await node.close();
});

const urls = () => nodes.map(({ url }, index) => `${url}/secret-key-${index}`);
const depsWith = (chainNodes: string, more: object = {}) => {
  const config = { ...loadConfig(chainVariables, { CHAIN_NODES: chainNodes }), ...more };
  return { config, metrics: createMetrics() } as unknown as Dependencies;
};

/** What it says once it knows: it waits for nobody. */
const toldBy = (deps: Dependencies) => {
  const check = createOutsideCheck(deps);
  const known = async () => {
    const state = await check();
    if (state.chains === 'not known yet') throw new Error('not yet');
    return state;
  };
  return vi.waitFor(known, { timeout: patience(5_000), interval: 20 });
};

test('health tells which chains lack nodes and whether the facilitator answers, and waits for none of them', async () => {
  expect(await toldBy(depsWith(''))).toEqual({
    chains: 'none set up',
    facilitator: 'none set up',
  });
  const [a, b, wrong] = urls();
  expect((await toldBy(depsWith(`base=${a},${b}`))).chains).toBe('ok');
  const deps = depsWith(`base=${a},${wrong}`, { X402_FACILITATOR_URL: 'http://127.0.0.1:1' });
  expect(await toldBy(deps)).toEqual({
    chains: 'base: 1 of 2 nodes answer',
    facilitator: 'unavailable',
  });
  const figures = await deps.metrics.registry.metrics();
  expect(figures).toContain('mindbot_chain_node_up{chain="base",node="1:127.0.0.1"} 1');
  expect(figures).toContain('mindbot_chain_node_up{chain="base",node="2:127.0.0.1"} 0');
  expect(figures).toContain('mindbot_facilitator_up 0');
  expect(figures).not.toContain('secret-key');
  nodes[0]?.fail({ hangs: true });
  expect((await createOutsideCheck(depsWith(`base=${a}`))()).chains).toBe('not known yet');
  nodes[0]?.fail();
});

test('the doctor asks each node for its chain, and shows no address', async () => {
  const findings = await checkChains({ CHAIN_NODES: `base=${urls()[0]},${urls()[2]} ethereum=${urls()[2]}` });
  expect(findings.map(({ mark, what }) => `${mark} ${what}`)).toEqual([
    'ok Node 1:127.0.0.1 of base answers',
    'bad Node 2:127.0.0.1 of base: the node is of chain 1',
    'ok Node 1:127.0.0.1 of ethereum answers',
    'note ethereum has one node: nothing from AGREEMENT_FROM on is verified',
  ]);
  expect(JSON.stringify(findings)).not.toContain('secret-key');
});

test.each([
  ['CHAIN_NODES', 'base'],
  ['CHAIN_NODES', 'base=ftp://a'],
  ['CHAIN_NODES', 'base=https://a/secret-key,https://a/secret-key'],
  ['CHAIN_NODES', 'base=https://a base=https://b'],
  ['CHAIN_NODES', 'nowhere=https://a/secret-key'],
  ['MORE_CHAINS', '{}'],
  [
    'MORE_CHAINS',
    '[{"id":"eip155:8453","name":"mine","tokens":[{"symbol":"A","address":"x","decimals":6}]}]',
  ],
  [
    'MORE_CHAINS',
    '[{"id":"eip155:8453","name":"mine","tokens":[{"symbol":"A","address":"0x036CbD53842c5426634e7929541eC2318f3dCF7e","decimals":6}]}]',
  ],
  ['AGREEMENT_FROM', '1e2'],
])('%s=%s is refused, and not shown', (name, value) => {
  let message = '';
  try {
    loadConfig(chainVariables, { [name]: value });
  } catch (error) {
    if (error instanceof ConfigurationError) message = error.message;
  }
  expect(message).toContain(`${name}: `);
  expect(message).not.toContain('secret-key');
});
