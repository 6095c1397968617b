import { chargeAutoTopUp } from '../auto-top-ups/charge-auto-top-up.ts';
import { decideAutoTopUps } from '../auto-top-ups/decide-auto-top-ups.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { sendNotice } from '../notices/send-notice.ts';
import type { PeriodicJob } from '../operations/periodic-jobs.ts';
import { createCustomer } from './create-customer.ts';
import type { OutboxHandler } from './outbox-item.ts';
import { forgetOutboxFigures, watchOutbox } from './watch-outbox.ts';
import { workOutbox } from './work-outbox.ts';

const EVERY_SECONDS = 2;

/**
 * The jobs that do what the outbox owes: one for each kind, so that a mail server that hangs holds up mails and
 * nothing else.
 */
export function outboxJobs(deps: Dependencies): PeriodicJob[] {
  const handlers: Record<string, OutboxHandler> = {
    create_customer: createCustomer,
    auto_top_up: chargeAutoTopUp,
    // Nobody to hand mails to: they wait, and the health says so.
    ...(deps.mail.problem === null && { notice: sendNotice }),
  };
  return [
    ...Object.entries(handlers).map(([kind, handle]) => ({
      name: `outbox_${kind}`,
      everySeconds: EVERY_SECONDS,
      run: () => workOutbox(deps, { kind, handle }),
    })),
    { name: 'auto_top_ups', everySeconds: 10, run: () => decideAutoTopUps(deps) },
    {
      name: 'watch_outbox',
      everySeconds: 60,
      run: () => watchOutbox(deps),
      leftToAnother: () => forgetOutboxFigures(deps),
    },
  ];
}
