import { z } from 'zod';
import { KNOWN_CHAINS } from '../chains/known-chains.ts';

const NODES_HINT = 'must be like base=https://a.example,https://b.example solana=https://c.example';

/** `base=https://a,https://b solana=https://c`: the nodes of each chain, the first one asked first. */
const chainNodes = () =>
  z
    .string()
    .default('')
    .transform((text, context) => {
      const nodes = new Map<string, readonly string[]>();
      for (const part of text.split(/[\s;]+/).filter((part) => part !== '')) {
        const cut = part.indexOf('=');
        const name = part.slice(0, cut);
        const urls = part.slice(cut + 1).split(',');
        const areAddresses = urls.every((url) => URL.canParse(url) && /^https?:/.test(url));
        // Twice the same node would agree with itself.
        if (cut < 1 || nodes.has(name) || !areAddresses || new Set(urls).size < urls.length) {
          context.addIssue({ code: 'custom', message: NODES_HINT });
          return z.NEVER;
        }
        nodes.set(name, urls);
      }
      return nodes as ReadonlyMap<string, readonly string[]>;
    });

const chain = z.strictObject({
  id: z.string().regex(/^(eip155:[1-9]\d{0,15}|solana:[1-9A-HJ-NP-Za-km-z]{32})$/),
  name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
  tokens: z
    .array(
      z.strictObject({
        symbol: z.string().regex(/^[A-Za-z0-9.]{1,20}$/),
        address: z.string().regex(/^(0x[0-9a-fA-F]{40}|[1-9A-HJ-NP-Za-km-z]{32,44})$/),
        decimals: z.int().min(0).max(36),
      }),
    )
    .min(1),
  blocks: z.strictObject({ safe: z.int().min(1), final: z.int().min(1) }).optional(),
});

/** Chains that the product does not know, as a JSON list of what `shared/chains/known-chains.ts` has of each. */
const moreChains = () =>
  z
    .string()
    .default('[]')
    .transform((text, context) => {
      try {
        const chains = z.array(chain).safeParse(JSON.parse(text));
        if (chains.success) return chains.data;
      } catch {}
      context.addIssue({
        code: 'custom',
        message: 'must be a JSON list of chains; docs/verification.md has one',
      });
      return z.NEVER;
    });

/** What the verification of payments on chains reads. Without nodes there is none. */
export const chainVariables = z.object({
  CHAIN_NODES: chainNodes(),
  MORE_CHAINS: moreChains(),
  /** From this amount of a token on, two nodes have to say the same. */
  AGREEMENT_FROM: z
    .string()
    .regex(/^\d{1,15}(\.\d{1,6})?$/, { error: 'must be an amount such as 100 or 99.50' })
    .default('100'),
});

type ChainConfig = z.infer<typeof chainVariables>;

/** What no variable says by itself: nodes of a chain that nobody knows, and two chains of one name or one id. */
export function chainProblems(config: Partial<ChainConfig> | undefined): string[] {
  const { CHAIN_NODES: nodes, MORE_CHAINS: more = [] } = config ?? {};
  const chains = [...KNOWN_CHAINS, ...more];
  const names = new Set(chains.map(({ name }) => name));
  const isTwice = names.size < chains.length || new Set(chains.map(({ id }) => id)).size < chains.length;
  const unknown = [...(nodes?.keys() ?? [])].filter((name) => !names.has(name));
  return [
    ...(isTwice ? ['MORE_CHAINS: has a chain that is known already, or one twice'] : []),
    ...unknown.map((name) => `CHAIN_NODES: names a chain that is not known (${name}); MORE_CHAINS adds one`),
  ];
}
