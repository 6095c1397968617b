import { z } from 'zod';
import { port } from '../../shared/config/kinds.ts';
import { startFacilitator } from './facilitator.ts';
import { startChain } from './start-chain.ts';

const environment = z
  .object({ ENVIRONMENT: z.string().optional(), CHAIN_PORT: port(0), FACILITATOR_PORT: port(0) })
  .refine((values) => values.ENVIRONMENT !== 'production', {
    path: ['ENVIRONMENT'],
    error: 'money of this chain is worth nothing, and it must not run in production',
  });

const given = Object.entries(process.env).filter(([, value]) => value !== '');
const values = environment.parse(Object.fromEntries(given));
const chain = await startChain({ port: values.CHAIN_PORT });
const facilitator = await startFacilitator({ port: values.FACILITATOR_PORT, chains: [chain] });
let stopping = false;
const stop = () => {
  if (stopping) return;
  stopping = true;
  void facilitator
    .close()
    .then(() => chain.close())
    .then(() => process.exit(0));
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
console.log(JSON.stringify({ ready: true, url: chain.url, facilitator: facilitator.url }));
