import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../shared/clock.ts';
import { within } from '../../shared/within.ts';
import type { ChainNode } from './evm-node.ts';
import { digestOf, type Facts, type FoundFacts, lesser } from './facts.ts';
import { NodeFailure } from './limited-fetch.ts';

/** So long the first node has for itself; then the next one is asked, too, and who answers first counts. */
const HEDGE_MS = 120;
/** A node that failed is asked last for so long, doubled with each failure in a row. */
const REST_MS = 1_000;
const LONGEST_REST_MS = 60_000;

export type PoolNode = ChainNode & {
  /** Without the key that its address may hold. */
  name: string;
};
type Standing = { failures: number; restsUntilMs: number };
type Told = { node: string; outcome: 'answered' | NodeFailure['kind'] };

/** What the nodes of a chain say together. */
export type Reading =
  | { facts: Facts; asked: number }
  /** No node answered; or too few did to be believed; or they contradict each other. */
  | { facts: null; why: 'nodes_unavailable' | 'too_few_nodes' | 'nodes_disagree' };

/** How the nodes have fared: those that work are asked first. */
function createStandings(
  nodes: readonly PoolNode[],
  { timeoutMs, tell }: { timeoutMs: number; tell: (told: Told) => void },
) {
  const standings = new Map<string, Standing>(
    nodes.map(({ name }) => [name, { failures: 0, restsUntilMs: Number.NEGATIVE_INFINITY }]),
  );
  const standingOf = (name: string) => standings.get(name) as Standing;

  /** Those that work first, in the order of the configuration. */
  function inOrder(): PoolNode[] {
    const nowMs = performance.now();
    return nodes.toSorted(
      (a, b) =>
        Number(standingOf(a.name).restsUntilMs > nowMs) - Number(standingOf(b.name).restsUntilMs > nowMs),
    );
  }

  function note(name: string, failure: NodeFailure | null): void {
    const standing = standingOf(name);
    standing.failures = failure === null ? 0 : standing.failures + 1;
    const restMs = Math.min(REST_MS * 2 ** (standing.failures - 1), LONGEST_REST_MS);
    standing.restsUntilMs = failure === null ? Number.NEGATIVE_INFINITY : performance.now() + restMs;
    tell({ node: name, outcome: failure?.kind ?? 'answered' });
  }

  /** @returns null where the node failed */
  async function ask<T>(node: PoolNode, question: (node: ChainNode) => Promise<T>): Promise<T | null> {
    try {
      const answer = await within(question(node), timeoutMs, systemClock);
      note(node.name, answer === undefined ? new NodeFailure('late', 'no answer in time') : null);
      return answer ?? null;
    } catch (error) {
      note(node.name, error instanceof NodeFailure ? error : new NodeFailure('malformed', 'not an answer'));
      return null;
    }
  }

  return { inOrder, ask };
}

/**
 * The nodes of one chain. A node that fails or is slow costs a moment, not an answer; and one that lies is found out where it
 * matters: `agreeing` believes no node alone.
 */
export function createNodePool(
  nodes: readonly PoolNode[],
  options: { timeoutMs: number; tell: (told: Told) => void },
) {
  const { inOrder, ask } = createStandings(nodes, options);

  /**
   * The first answer that knows the transaction; one node after the other, and the next one is not kept waiting by the one
   * before. A node that knows nothing of it may only be behind: so all are asked before nothing is found.
   */
  async function first(txHash: string): Promise<Reading> {
    const order = inOrder();
    let missing = 0;
    const running: Promise<void>[] = [];
    const { promise, resolve } = Promise.withResolvers<Facts>();
    for (const [index, node] of order.entries()) {
      const asked = ask(node, ({ readFacts }) => readFacts(txHash)).then((facts) => {
        if (facts?.found) resolve(facts);
        else if (facts !== null) missing++;
      });
      running.push(asked);
      const isLast = index === order.length - 1;
      const next = isLast ? Promise.all(running) : Promise.race([asked, sleep(HEDGE_MS)]);
      const facts = await Promise.race([promise, next.then(() => null)]);
      if (facts !== null) return { facts, asked: running.length };
    }
    // What came with the very last answer has been noted by now.
    const facts = await Promise.race([promise, Promise.all(running).then(() => null)]);
    if (facts !== null) return { facts, asked: running.length };
    return missing > 0
      ? { facts: { found: false }, asked: running.length }
      : { facts: null, why: 'nodes_unavailable' };
  }

  /** What two nodes say alike, and then only as surely as the less sure one. */
  async function agreeing(txHash: string): Promise<Reading> {
    const answers: FoundFacts[] = [];
    let missing = 0;
    const { promise, resolve } = Promise.withResolvers<FoundFacts>();
    const all = nodes.map(async (node) => {
      const facts = await ask(node, ({ readFacts }) => readFacts(txHash));
      if (facts === null) return;
      if (!facts.found) {
        missing++;
        return;
      }
      const same = answers.find((other) => digestOf(other) === digestOf(facts));
      answers.push(facts);
      if (same !== undefined) resolve({ ...facts, finality: lesser(same.finality, facts.finality) });
    });
    const facts = await Promise.race([promise, Promise.all(all).then(() => null)]);
    if (facts !== null) return { facts, asked: nodes.length };
    if (answers.length >= 2) return { facts: null, why: 'nodes_disagree' };
    if (answers.length === 1) return { facts: null, why: 'too_few_nodes' };
    return missing > 0
      ? { facts: { found: false }, asked: nodes.length }
      : { facts: null, why: 'nodes_unavailable' };
  }

  return {
    size: nodes.length,
    first,
    agreeing,
    /** How many nodes answer now, asked anew. */
    async probe(): Promise<number> {
      const answers = await Promise.all(
        nodes.map((node) => ask(node, ({ probe }) => probe().then(() => true))),
      );
      return answers.filter((answer) => answer === true).length;
    },
  };
}

export type NodePool = ReturnType<typeof createNodePool>;
