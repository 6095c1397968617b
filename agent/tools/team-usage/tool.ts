import { z } from 'zod';
import { usageLimitsResponse } from '../../../shared/api/usage.ts';
import { callFunction } from '../../../shared/database/call-function.ts';
import { Fault } from '../../../shared/errors.ts';
import type { CallContext } from '../call-context.ts';
import { defineTool, type SentencesIn } from '../define-tool.ts';

const NAME = 'team_usage';

type Said = {
  /** `amount` in the smallest unit of the currency. */
  spent(amount: number, currency: string): string;
  allowed(amount: number, currency: string): string;
  notInPlan(plan: string): string;
  /** Who has no plan at all. */
  noPlan: string;
  offer(plan: string): string;
  /** By the seat, each month. */
  offerAt(plan: string, amount: number, currency: string): string;
  subscribe: string;
  askOwner: string;
};

const sentences: SentencesIn<Said> = {
  en: ({ price }) => ({
    spent: (amount, currency) => `This month your team has spent ${price(amount, currency)}.`,
    allowed: (amount, currency) => `Its plan allows ${price(amount, currency)}.`,
    notInPlan: (plan) => `Your team's plan, ${plan}, does not include that.`,
    noPlan: 'Your team has no plan yet, and that comes with one.',
    offer: (plan) => `The plan ${plan} does.`,
    offerAt: (plan, amount, currency) =>
      `The plan ${plan} does, for ${price(amount, currency)} a month and person.`,
    subscribe: 'You can subscribe on the page of your team. Then just ask me again, I stay on the line.',
    askOwner: 'Whoever owns your team can subscribe to it. Then just ask me again.',
  }),
  de: ({ price }) => ({
    spent: (amount, currency) => `Diesen Monat hat Ihr Team ${price(amount, currency)} ausgegeben.`,
    allowed: (amount, currency) => `Der Tarif erlaubt ${price(amount, currency)}.`,
    notInPlan: (plan) => `Der Tarif Ihres Teams, ${plan}, enthält das nicht.`,
    noPlan: 'Ihr Team hat noch keinen Tarif, und das gehört zu einem.',
    offer: (plan) => `Im Tarif ${plan} ist es enthalten.`,
    offerAt: (plan, amount, currency) =>
      `Im Tarif ${plan} ist es enthalten, für ${price(amount, currency)} je Monat und Person.`,
    subscribe:
      'Sie können ihn auf der Seite Ihres Teams abonnieren. Fragen Sie mich dann einfach noch einmal, ich bleibe dran.',
    askOwner: 'Wem Ihr Team gehört, der kann ihn abonnieren. Fragen Sie mich dann einfach noch einmal.',
  }),
  es: ({ price }) => ({
    spent: (amount, currency) => `Este mes su equipo ha gastado ${price(amount, currency)}.`,
    allowed: (amount, currency) => `Su plan permite ${price(amount, currency)}.`,
    notInPlan: (plan) => `El plan de su equipo, ${plan}, no lo incluye.`,
    noPlan: 'Su equipo todavía no tiene plan, y eso viene con uno.',
    offer: (plan) => `El plan ${plan} sí.`,
    offerAt: (plan, amount, currency) =>
      `El plan ${plan} sí, por ${price(amount, currency)} al mes y por persona.`,
    subscribe: 'Puede suscribirse en la página de su equipo. Después vuelva a preguntarme, sigo en línea.',
    askOwner: 'El propietario de su equipo puede suscribirse. Después vuelva a preguntarme.',
  }),
  fr: ({ price }) => ({
    spent: (amount, currency) => `Ce mois-ci, votre équipe a dépensé ${price(amount, currency)}.`,
    allowed: (amount, currency) => `Sa formule permet ${price(amount, currency)}.`,
    notInPlan: (plan) => `La formule de votre équipe, ${plan}, ne comprend pas cela.`,
    noPlan: "Votre équipe n'a pas encore de formule, et cela vient avec une formule.",
    offer: (plan) => `La formule ${plan} le comprend.`,
    offerAt: (plan, amount, currency) =>
      `La formule ${plan} le comprend, pour ${price(amount, currency)} par mois et par personne.`,
    subscribe:
      'Vous pouvez vous abonner sur la page de votre équipe. Ensuite, reposez-moi la question, je reste en ligne.',
    askOwner: 'Le propriétaire de votre équipe peut s’abonner. Ensuite, reposez-moi la question.',
  }),
};

const premium = z.discriminatedUnion('status', [
  z.object({ status: z.enum(['open', 'unknown_tenant']) }),
  z.object({
    status: z.literal('not_in_plan'),
    may_buy: z.boolean(),
    plan: z.string().nullable(),
    offer: z
      .object({
        name: z.string(),
        seat_price_cents: z.int().nullable(),
        currency: z.string(),
        plan_id: z.string(),
      })
      .nullable(),
  }),
]);
type Lacking = Extract<z.output<typeof premium>, { status: 'not_in_plan' }>;

/** What the plan lacks, and what would have it. */
function offerOf({ plan, offer, may_buy }: Lacking, say: Said): string {
  const lacks = plan === null ? say.noPlan : say.notInPlan(plan);
  if (offer === null) return lacks;
  const { name, seat_price_cents: cents, currency } = offer;
  return [
    lacks,
    cents === null ? say.offer(name) : say.offerAt(name, cents, currency),
    may_buy ? say.subscribe : say.askOwner,
  ].join(' ');
}

const limitsSchema = z.union([
  usageLimitsResponse.extend({ status: z.literal('ok') }),
  z.object({ status: z.literal('not_a_member') }),
]);
/** Of a currency whose smallest unit is a hundredth. */
const MICROS_PER_CENT = 10_000;
const cents = (micros: number) => Math.round(micros / MICROS_PER_CENT);

async function spentOf({ database, userId }: CallContext, tenantId: string) {
  const args = { p_user_id: userId, p_tenant_id: tenantId };
  const limits = await callFunction(database, 'usage_limits', args, limitsSchema);
  if (limits.status !== 'ok') throw new Fault('role_missing');
  return limits;
}

export default defineTool({
  name: NAME,
  description: "What the caller's team has spent this month.",
  isOffered: ({ isDesk, isOfTenant = false }) => isOfTenant && !isDesk,
  sentences,
  async execute({ call, say }) {
    const { database, userId, tenantId } = call;
    if (tenantId === undefined) throw new Fault('role_missing');
    const args = { p_user_id: userId, p_tenant_id: tenantId, p_tool: NAME };
    const right = await callFunction(database, 'premium_tool', args, premium);
    if (right.status === 'unknown_tenant') throw new Fault('role_missing');
    if (right.status === 'not_in_plan')
      return { speech: offerOf(right, say), in_plan: false, offer: right.offer?.plan_id ?? null };
    const { month, currency } = await spentOf(call, tenantId);
    const most = month.hard_micros;
    const allowed = most === null ? '' : ` ${say.allowed(cents(most), currency)}`;
    return {
      speech: say.spent(cents(month.spent_micros), currency) + allowed,
      in_plan: true,
      spent_cents: cents(month.spent_micros),
      currency,
    };
  },
});
