import { html } from '../../../shared/html.ts';
import type { Call } from '../api/route.ts';
import { type Field, notFoundPage, type PageAnswer, page, redirect } from '../pages/send-page.ts';
import { decideAccount } from './accounts.ts';

interface Link {
  readonly token: string;
  readonly account: string;
  readonly return_url: string;
}

/** A link works once, and for minutes; afterwards it leads to where a new one is made. */
function openLink(call: Call, field: Field): Link | PageAnswer {
  const row = call.store.database.prepare('SELECT * FROM account_links WHERE token = ?').get(field('id'));
  if (row === undefined) return notFoundPage();
  if (Number(row.used) === 1 || Number(row.expires) <= call.nowSeconds)
    return redirect(String(row.refresh_url));
  return { token: String(row.token), account: String(row.account), return_url: String(row.return_url) };
}

/** In place of the pages on which a seller tells Stripe who they are, and where their money goes. */
export function showOnboarding(call: Call, field: Field): PageAnswer {
  const link = openLink(call, field);
  if ('kind' in link) return link;
  const name = call.store.find('v2.core.account', link.account)?.display_name ?? link.account;
  return page(
    'Become a seller',
    html`<h1>${name}</h1><p>Stripe would ask who you are and where your money goes.</p>
<form method="post" action="/connect/${link.token}" class="actions">
<button name="answer" value="submit">Submit</button>
<button class="second" name="answer" value="later">Save for later</button>
</form>`,
  );
}

export function answerOnboarding(call: Call, field: Field): PageAnswer {
  const link = openLink(call, field);
  if ('kind' in link) return link;
  call.store.database.prepare('UPDATE account_links SET used = 1 WHERE token = ?').run(link.token);
  if (field('answer') === 'submit') decideAccount(call, link.account, { transfers: 'active' });
  call.emitThin('v2.core.account_link.returned', {
    account_id: link.account,
    configurations: ['recipient'],
    use_case: 'account_onboarding',
  });
  return link.return_url === ''
    ? page('Thank you', html`<h1>Thank you</h1><p>You can close this page.</p>`)
    : redirect(link.return_url);
}
