import type { Call } from './api/route.ts';
import { type Api, NO_REQUEST, transact } from './api/transact.ts';
import { settlePayout } from './connect/payouts.ts';
import { decideDispute, openDisputeOfTestCard } from './disputes/dispute-rules.ts';
import type { TaskName } from './later/tasks.ts';
import { reportMeterErrors } from './meters/error-reports.ts';
import { debitFailureOf } from './payment-methods/test-bank-accounts.ts';
import { privatePartOf } from './payment-methods/use-payment-method.ts';
import { failRefund, succeedRefund } from './payments/refunds.ts';
import { expireSession } from './payments/session-life.ts';
import { settleDebit } from './payments/settle-payment.ts';
import { collect, finalizeDraft } from './subscriptions/invoices.ts';
import { renewSubscription } from './subscriptions/renew-subscription.ts';

function settleDebitOf(call: Call, chargeId: string): void {
  const charge = call.store.find('charge', chargeId);
  const intent = call.store.find('payment_intent', String(charge?.payment_intent));
  if (charge?.status !== 'pending' || intent?.status !== 'processing') return;
  const { testName } = privatePartOf(call, String(charge.payment_method));
  settleDebit(call, charge, intent, debitFailureOf(testName));
}

/** The time of another try has come, unless it was paid or given up meanwhile. */
function retryInvoice(call: Call, invoiceId: string): void {
  const invoice = call.store.find('invoice', invoiceId);
  if (invoice?.status === 'open' && invoice.next_payment_attempt !== null)
    collect(call, invoice, { planned: true });
}

const WORK: Readonly<Record<TaskName, (call: Call, objectId: string) => void>> = {
  decide_dispute: decideDispute,
  expire_session: expireSession,
  finalize_invoice: finalizeDraft,
  renew_subscription: renewSubscription,
  fail_refund: failRefund,
  open_dispute: openDisputeOfTestCard,
  report_meter_errors: reportMeterErrors,
  retry_invoice: retryInvoice,
  settle_debit: settleDebitOf,
  settle_payout: settlePayout,
  succeed_refund: succeedRefund,
};

/** Does what is due by now on the clock of the stand-in, or so much later, each thing in a transaction of its own. */
export function runDueTasks(api: Api, aheadMs = 0): void {
  const next = () => api.tasks.nextDue(api.now() + aheadMs);
  for (let task = next(); task !== undefined; task = next()) {
    const { id, name, objectId } = task;
    transact(api, NO_REQUEST, (call) => {
      api.tasks.done(id);
      WORK[name](call, objectId);
    });
  }
}
