import { html } from '../../../shared/html.ts';
import { formatAmount } from '../api/amount.ts';
import type { Call } from '../api/route.ts';
import { notFoundPage, type PageAnswer, page } from './send-page.ts';

/** What Stripe shows at a charge's `receipt_url`: whoever has the address may see it. */
export function showReceipt(call: Call): PageAnswer {
  const charge = call.store.find('charge', call.id);
  if (charge === undefined || !charge.paid) return notFoundPage();
  return page(
    'Receipt',
    html`<h1>Receipt</h1>
<ul class="items"><li><span>${charge.description ?? 'Payment'}</span><span>${formatAmount(charge.amount, charge.currency)}</span></li>
${charge.amount_refunded > 0 ? html`<li><span>Refunded</span><span>${formatAmount(charge.amount_refunded, charge.currency)}</span></li>` : null}</ul>
<p class="hint">${charge.id}</p>`,
  );
}
