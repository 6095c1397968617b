import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { languageAsked, readPageSettings } from '../base/page-settings.ts';
import { route } from '../http/route.ts';
import { receiptEmail } from './emails.ts';
import { type PurchaseFacts, readPurchaseFacts } from './purchase-facts.ts';
import { emailHtml, emailText } from './render-email.ts';
import { mailWordsOf } from './words/of-language.ts';

/** What was paid for only: what is on its way has no receipt yet. @throws Fault `not_found`, `database_unavailable` */
async function readPaid({ database }: Dependencies, userId: string, id: string): Promise<PurchaseFacts> {
  const args = { p_user_id: userId, p_purchase_id: id };
  const own = z.object({ status: z.string() }).nullable();
  const purchase = await callFunction(database, 'read_purchase', args, own);
  const facts = purchase?.status === 'succeeded' ? await readPurchaseFacts(database, id) : null;
  if (facts === null) throw new Fault('not_found', 'You have paid for no purchase of this number.');
  return facts;
}

export const noticeRoutes = [
  route({
    operationId: 'readPurchaseReceipt',
    tag: 'purchases',
    method: 'get',
    access: 'self',
    path: '/user/:user_id/purchases/:purchase_id/receipt',
    summary: 'The receipt of a purchase of yours',
    description:
      'As the mail says it, with what went back since: plain text, or a document to print for `Accept: text/html`. In the ' +
      'language that you chose, else that of `Accept-Language`.',
    params: z.object({ purchase_id: z.uuid() }),
    answer: 'text',
    alsoHtml: true,
    faults: ['not_found'],
    async handle({ deps, userId, params, request, response }) {
      const [purchase, settings] = await Promise.all([
        readPaid(deps, userId, params.purchase_id),
        readPageSettings(deps.database, userId),
      ]);
      const language = settings?.language ?? languageAsked(request) ?? settings?.mailLanguage ?? 'en';
      // A paper, and no message: it thanks nobody, and says nothing that may not be so any more.
      const words = { ...mailWordsOf(language), signature: 'MindBot' };
      const receipt = { ...receiptEmail(words, purchase), paragraphs: [] };
      response.vary('accept').vary('accept-language').set('cache-control', 'private, no-cache');
      if (request.accepts(['text', 'html']) !== 'html') {
        response.type('text');
        return emailText(words, receipt);
      }
      response.type('html');
      return emailHtml(words, receipt);
    },
  }),
];
