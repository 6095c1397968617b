import type { Logger } from 'pino';
import type Stripe from 'stripe';
import type { SidecarConfig } from '../../shared/config/variables.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import type { Mail } from './mail.ts';
import type { Metrics } from './metrics.ts';

/** What the use cases work with. Passed in, so that tests bring their own database, clock and Stripe. */
export type Dependencies = {
  config: SidecarConfig;
  database: DatabaseClient;
  stripe: Stripe;
  metrics: Metrics;
  mail: Mail;
  logger: Logger;
  now: () => Date;
};
