import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { x402Facilitator } from '@x402/core/facilitator';
import type { Network } from '@x402/core/types';
import { toFacilitatorEvmSigner } from '@x402/evm';
import { registerExactEvmScheme } from '@x402/evm/exact/facilitator';
import express from 'express';
import type { LocalChain } from './start-chain.ts';

/** What goes wrong, and when: `before` nothing was sent to the chain, `after` it was, and only the answer is lost. */
type FacilitatorFault = 'never' | 'before' | 'after';

/**
 * A facilitator of x402 for chains of this machine: the protocol's own code (`@x402/core/facilitator`), behind the
 * routes that hosted ones have. It pays the fees from an account that everybody knows.
 * @see https://docs.x402.org/core-concepts/facilitator
 */
export async function startFacilitator(options: { port?: number; chains: readonly LocalChain[] }) {
  const facilitator = new x402Facilitator();
  for (const { client, chainId, accountOf } of options.chains) {
    const account = accountOf(8);
    const signer = toFacilitatorEvmSigner({
      address: account.address,
      readContract: (args) => client.readContract(args as never),
      verifyTypedData: (args) => client.verifyTypedData(args as never),
      writeContract: (args) => client.writeContract({ ...args, account, chain: client.chain } as never),
      sendTransaction: (args) => client.sendTransaction({ ...args, account, chain: client.chain } as never),
      waitForTransactionReceipt: ({ hash }) =>
        client.waitForTransactionReceipt({ hash, pollingInterval: 10 }),
      getCode: (args) => client.getCode(args),
    });
    registerExactEvmScheme(facilitator, { signer, networks: `eip155:${chainId}` as Network });
  }
  /** Tests change these while it runs. */
  const control = { delayMs: 0, fault: undefined as FacilitatorFault | undefined, settled: 0, asked: 0 };
  const app = express();
  app.use(express.json());
  app.get('/supported', (_request, response) => void response.json(facilitator.getSupported()));
  app.post('/verify', async ({ body }, response) => {
    response.json(await facilitator.verify(body.paymentPayload, body.paymentRequirements));
  });
  app.post('/settle', async ({ body }, response) => {
    control.asked++;
    await sleep(control.delayMs);
    if (control.fault === 'never' || control.fault === 'before') {
      if (control.fault === 'before') response.destroy();
      return;
    }
    const answer = await facilitator.settle(body.paymentPayload, body.paymentRequirements);
    if (answer.success) control.settled++;
    if (control.fault === 'after') response.destroy();
    else response.json(answer);
  });
  const server = app.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    control,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type LocalFacilitator = Awaited<ReturnType<typeof startFacilitator>>;
