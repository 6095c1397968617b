import { chainVariables } from '../../shared/config/chain-variables.ts';
import { variableProblems } from '../../shared/config/load-config.ts';
import { findKnownChain, nodesOf } from '../../webhook-server/chains/chains.ts';
import { NodeFailure } from '../../webhook-server/chains/limited-fetch.ts';
import type { Settings } from '../configuration/settings.ts';
import { bad, type Finding, ok, worthKnowing } from './finding.ts';

/** Whether each node of a chain answers, and for that chain. Never shows an address: it may hold a key. */
export async function checkChains(settings: Settings): Promise<Finding[]> {
  const { data } = variableProblems(chainVariables, settings);
  // What is malformed is told with the configuration.
  if (data === undefined) return [];
  const findings = [...data.CHAIN_NODES].map(async ([name, urls]): Promise<Finding[]> => {
    const chain = findKnownChain(data.MORE_CHAINS, name);
    if (chain === undefined) return [];
    const asked = nodesOf(chain, urls).map(({ name: node, probe }) =>
      probe().then(
        () => ok(`Node ${node} of ${name} answers`),
        (error: unknown) => {
          const why = error instanceof NodeFailure ? error.message : 'no answer';
          return bad(
            `Node ${node} of ${name}: ${why}`,
            'Check CHAIN_NODES, and the status page of its provider.',
          );
        },
      ),
    );
    const alone = worthKnowing(
      `${name} has one node: nothing from AGREEMENT_FROM on is verified`,
      'Add one of another provider to CHAIN_NODES.',
    );
    return [...(await Promise.all(asked)), ...(urls.length === 1 ? [alone] : [])];
  });
  return (await Promise.all(findings)).flat();
}
