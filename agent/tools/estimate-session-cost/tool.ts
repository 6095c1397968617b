import { worthInCents } from '../../../shared/catalogue/worth-in-cents.ts';
import { defineTool, openMeter, type SentencesIn } from '../define-tool.ts';

type Said = {
  used(seconds: number): string;
  /** @param amount in the smallest unit of the currency: what the time used would cost in the package named */
  worth(name: string, amount: number, currency: string): string;
};

const sentences: SentencesIn<Said> = {
  en: ({ duration, price }) => ({
    used: (seconds) => `So far this call has used ${duration(seconds)} of your time.`,
    worth: (name, amount, currency) => `At the ${name} price that is about ${price(amount, currency)}.`,
  }),
  de: ({ duration, price }) => ({
    used: (seconds) => `Bisher hat dieses Gespräch ${duration(seconds)} Ihrer Zeit verbraucht.`,
    worth: (name, amount, currency) => `Zum Preis von ${name} sind das etwa ${price(amount, currency)}.`,
  }),
  es: ({ duration, price }) => ({
    used: (seconds) => `Hasta ahora esta llamada ha usado ${duration(seconds)} de su tiempo.`,
    worth: (name, amount, currency) =>
      `Al precio de ${name} equivale aproximadamente a ${price(amount, currency)}.`,
  }),
  fr: ({ duration, price }) => ({
    used: (seconds) => `Jusqu'ici, cet appel a utilisé ${duration(seconds)} de votre temps.`,
    worth: (name, amount, currency) => `Au tarif ${name}, cela fait environ ${price(amount, currency)}.`,
  }),
};

export default defineTool({
  name: 'estimate_session_cost',
  description: 'What this call has cost so far, in time and money.',
  sentences,
  async execute({ call, say }) {
    const meter = openMeter(call);
    const usedSeconds = Math.floor(meter.chargedMs() / 1000);
    const remainingSeconds = meter.remainingSeconds();
    const worth = worthInCents(usedSeconds, await call.pricing());
    const speech = [
      say.used(usedSeconds),
      ...(worth ? [say.worth(worth.name, worth.cents, worth.currency)] : []),
    ].join(' ');
    return {
      speech,
      used_seconds: usedSeconds,
      remaining_seconds: remainingSeconds,
      cost_cents: worth?.cents ?? null,
      currency: worth?.currency ?? null,
    };
  },
});
