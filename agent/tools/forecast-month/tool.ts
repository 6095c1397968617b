import { defineTool, type SentencesIn } from '../define-tool.ts';
import { readCredits } from '../read-credits.ts';

type Said = {
  /** @param amounts in the smallest unit of the currency, before tax: by now, and at the end if it goes on like this */
  comes(soFar: number, forecast: number, currency: string): string;
  notYours(): string;
  none(): string;
};

const sentences: SentencesIn<Said> = {
  en: ({ price }) => ({
    comes: (soFar, forecast, currency) =>
      `So far this billing month comes to ${price(soFar, currency)}. If it goes on like this, it will be about ${price(forecast, currency)} before tax.`,
    notYours: () => 'What your organization pays is told to its owners and to whoever does its billing.',
    none: () => 'Nothing runs by the month here: this call is on prepaid time.',
  }),
  de: ({ price }) => ({
    comes: (soFar, forecast, currency) =>
      `Bisher kommt dieser Abrechnungsmonat auf ${price(soFar, currency)}. Geht es so weiter, werden es etwa ${price(forecast, currency)} vor Steuern.`,
    notYours: () => 'Was Ihre Organisation zahlt, erfahren deren Inhaber und wer die Abrechnung macht.',
    none: () => 'Hier läuft nichts nach Monaten: Dieses Gespräch geht auf vorausbezahlte Zeit.',
  }),
  es: ({ price }) => ({
    comes: (soFar, forecast, currency) =>
      `Hasta ahora este mes de facturación suma ${price(soFar, currency)}. Si sigue así, serán unos ${price(forecast, currency)} antes de impuestos.`,
    notYours: () => 'Lo que paga su organización se dice a sus propietarios y a quien lleva la facturación.',
    none: () => 'Aquí nada va por meses: esta llamada usa tiempo prepagado.',
  }),
  fr: ({ price }) => ({
    comes: (soFar, forecast, currency) =>
      `Jusqu’ici, ce mois de facturation s’élève à ${price(soFar, currency)}. À ce rythme, ce sera environ ${price(forecast, currency)} avant taxes.`,
    notYours: () =>
      'Ce que paie votre organisation est dit à ses propriétaires et à qui gère sa facturation.',
    none: () => 'Ici, rien ne va par mois : cet appel utilise du temps prépayé.',
  }),
};

export default defineTool({
  name: 'forecast_month',
  description: "What this month will cost the caller's organization if it goes on like this.",
  isOffered: ({ isDesk, isOfTenant }) => !isDesk && isOfTenant === true,
  sentences,
  async execute({ call, say }) {
    const found = await readCredits(call);
    if (found?.scope === 'member') return { speech: say.notYours(), forecast_cents: null };
    const { so_far, forecast } = found ?? {};
    if (so_far == null || forecast == null) return { speech: say.none(), forecast_cents: null };
    return {
      speech: say.comes(so_far.subtotal_cents, forecast.subtotal_cents, forecast.currency),
      so_far_cents: so_far.subtotal_cents,
      forecast_cents: forecast.subtotal_cents,
      currency: forecast.currency,
      chain: forecast.chain,
    };
  },
});
