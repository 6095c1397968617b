import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import { chargeAutoTopUp } from '../auto-top-ups/charge-auto-top-up.ts';
import { decideAutoTopUps } from '../auto-top-ups/decide-auto-top-ups.ts';
import type { Dependencies } from '../base/dependencies.ts';
import type { PeriodicJob } from '../base/job.ts';
import { runDueInvoices } from '../billing/run-invoices.ts';
import { endCall } from '../calls/close-rooms.ts';
import { recoverPayments } from '../machine-payments/recover-payments.ts';
import { doToolJob } from '../mcp/do-tool-job.ts';
import { sendNotice } from '../notices/send-notice.ts';
import { auditInvariants } from '../operations/audit-invariants.ts';
import { reapCalls } from '../operations/reap-calls.ts';
import { checkFigures, rollUp } from '../operations/roll-up.ts';
import { paidApisOf } from '../paid-apis/ask-paid-apis.ts';
import { reapExecutions } from '../paid-apis/reap-executions.ts';
import { compareAsJob } from '../payments/compare-payments.ts';
import { createReconciler } from '../payments/reconcile-payments.ts';
import { returnSecondPayment } from '../payments/return-second-payment.ts';
import { detachCards } from '../saved-cards/detach-cards.ts';
import { createTaskHandler } from '../tasks/do-task.ts';
import { checkRevenue, reapTasks, rollUpRevenue, scheduleTasks } from '../tasks/keep-tasks.ts';
import { checkUsage, makeUsagePartitions, rollUpUsage } from '../usage/keep-usage.ts';
import { billLateUsage } from '../usage-reports/bill-late-usage.ts';
import { compareUsageAsJob } from '../usage-reports/compare-usage.ts';
import { createSink } from '../usage-reports/create-sink.ts';
import { reportUsage } from '../usage-reports/report-usage.ts';
import { createCustomer } from './create-customer.ts';
import { createTenantCustomer } from './create-tenant-customer.ts';
import type { Effect } from './do-effect.ts';
import { updateCustomer, updateTenantCustomer } from './update-customer.ts';

/** No call is opened with a shorter lease by default (30 seconds and 15), so none is missed by waiting so long. */
const REAP_AT_LEAST_EVERY_SECONDS = 30;
const REAP_AT_MOST_EVERY_SECONDS = 1;
const TOP_UPS_DURING_CALLS_SECONDS = 10;
const TOP_UPS_SECONDS = 60;
const MACHINE_PAYMENTS_SECONDS = 10;
const REPORT_SECONDS = 60;
const REPORT_AGAIN_SECONDS = 10;

/** What one page of the sweep expired, and the account after which the next page begins. */
const expiredPage = z.object({ cards: z.int(), next: z.uuid().nullable() });

/** What is owed to the world, by kind. */
export function listEffects(deps: Dependencies): Effect[] {
  return [
    { kind: 'create_customer', handle: createCustomer },
    { kind: 'create_tenant_customer', handle: createTenantCustomer },
    { kind: 'update_customer', handle: updateCustomer },
    { kind: 'update_tenant_customer', handle: updateTenantCustomer },
    { kind: 'end_call', handle: endCall },
    { kind: 'return_second_payment', handle: returnSecondPayment },
    { kind: 'detach_cards', handle: detachCards },
    { kind: 'auto_top_up', handle: chargeAutoTopUp },
    { kind: 'tool_job', handle: doToolJob },
    { kind: 'agent_task', handle: createTaskHandler(paidApisOf(deps)) },
    // Nobody to hand mails to: they wait, and the health says so.
    ...(deps.mail.problem === null ? [{ kind: 'notice', handle: sendNotice }] : []),
  ];
}

/** Usage is reported every minute, and sooner while there is much of it. */
function reportingUsage(deps: Dependencies): PeriodicJob {
  const sink = createSink(deps);
  let handed = 0;
  return {
    name: 'report_usage',
    async run() {
      handed = 0;
      handed = await reportUsage(deps, sink);
    },
    nextInSeconds: async () => (handed > 0 ? REPORT_AGAIN_SECONDS : REPORT_SECONDS),
  };
}

/** All that has to be done again and again, whoever is calling. */
export function listPeriodicJobs(deps: Dependencies): PeriodicJob[] {
  const { database, metrics } = deps;
  const secondsToLeaseEnd = () =>
    callFunction(database, 'seconds_to_next_lease_end', {}, z.number().nullable());
  return [
    {
      name: 'reap_calls',
      run: () => reapCalls(deps),
      // Calls that are reported have their lease ahead of them: while all goes well, nobody has to look for long.
      async nextInSeconds() {
        const seconds = (await secondsToLeaseEnd()) ?? REAP_AT_LEAST_EVERY_SECONDS;
        return Math.max(REAP_AT_MOST_EVERY_SECONDS, Math.min(REAP_AT_LEAST_EVERY_SECONDS, seconds));
      },
    },
    {
      name: 'auto_top_ups',
      run: () => decideAutoTopUps(deps),
      // Time is used in calls only. What is due for another reason can wait for a minute.
      async nextInSeconds() {
        return (await secondsToLeaseEnd()) === null ? TOP_UPS_SECONDS : TOP_UPS_DURING_CALLS_SECONDS;
      },
    },
    { name: 'reconcile_payments', cron: '* * * * *', run: createReconciler(deps) },
    { name: 'compare_payments', cron: '*/5 * * * *', run: createReconciler(deps, compareAsJob) },
    { name: 'audit_invariants', cron: '*/10 * * * *', run: () => auditInvariants(deps) },
    { name: 'reap_executions', cron: '* * * * *', run: () => reapExecutions(deps) },
    { name: 'roll_up', cron: '* * * * *', run: () => rollUp(deps) },
    ...(deps.config.X402_FACILITATOR_URL === undefined && deps.config.MPP_STRIPE_NETWORK === undefined
      ? []
      : [
          {
            name: 'recover_machine_payments',
            run: async () => void (await recoverPayments(deps)),
            nextInSeconds: async () => MACHINE_PAYMENTS_SECONDS,
          },
        ]),
    reportingUsage(deps),
    // Stripe's meters are what it is held against; what is too old for Metronome stays where an operator sees it.
    ...(deps.config.METRONOME_API_KEY === undefined
      ? [
          { name: 'bill_late_usage', cron: '7 * * * *', run: async () => void (await billLateUsage(deps)) },
          { name: 'compare_usage', cron: '41 4 * * *', run: () => compareUsageAsJob(deps) },
        ]
      : []),
    { name: 'invoice_runs', cron: '*/15 * * * *', run: async () => void (await runDueInvoices(deps)) },
    { name: 'check_figures', cron: '17 3 * * *', run: () => checkFigures(deps) },
    { name: 'roll_up_usage', cron: '* * * * *', run: () => rollUpUsage(deps) },
    { name: 'check_usage', cron: '41 3 * * *', run: () => checkUsage(deps) },
    { name: 'schedule_tasks', cron: '*/5 * * * *', run: async () => void (await scheduleTasks(deps)) },
    { name: 'reap_tasks', cron: '* * * * *', run: () => reapTasks(deps) },
    { name: 'roll_up_revenue', cron: '* * * * *', run: () => rollUpRevenue(deps) },
    { name: 'check_revenue', cron: '51 3 * * *', run: () => checkRevenue(deps) },
    { name: 'usage_partitions', cron: '11 * * * *', run: () => makeUsagePartitions(deps) },
    {
      name: 'expire_cards',
      cron: '0 * * * *',
      async run() {
        let next: string | null = null;
        do {
          // Page by page: nobody's account is locked for longer than a page takes.
          const after = next === null ? {} : { p_after: next };
          const page: z.output<typeof expiredPage> = await callFunction(
            database,
            'expire_cards',
            after,
            expiredPage,
          );
          metrics.expiredCards.inc(page.cards);
          next = page.next;
        } while (next !== null);
      },
    },
    {
      name: 'forget_addresses',
      cron: '30 * * * *',
      async run() {
        await callFunction(database, 'forget_activation_addresses', {}, z.int());
        await callFunction(database, 'forget_trial_addresses', {}, z.int());
      },
    },
  ];
}
