import { defineTool, type SentencesIn } from '../define-tool.ts';
import { tellableDebt } from '../read-debt.ts';

/** Something for sale. `amount` is in the smallest unit of the currency. */
type Offer = { name: string; seconds: number; amount: number; currency: string };

type Said = { nothing: string; begin: string; each(offer: Offer): string; end: string };

const sentences: SentencesIn<Said> = {
  en: ({ duration, price }) => ({
    nothing: 'We have no packages for sale right now.',
    begin: 'These are our packages.',
    each: ({ name, seconds, amount, currency }) =>
      `${name} gives you ${duration(seconds)} for ${price(amount, currency)}.`,
    end: 'Just name the one you want.',
  }),
  de: ({ duration, price }) => ({
    nothing: 'Zurzeit bieten wir keine Pakete an.',
    begin: 'Das sind unsere Pakete.',
    each: ({ name, seconds, amount, currency }) =>
      `Mit ${name} bekommen Sie ${duration(seconds)} für ${price(amount, currency)}.`,
    end: 'Sagen Sie einfach, welches Sie möchten.',
  }),
  es: ({ duration, price }) => ({
    nothing: 'En este momento no hay paquetes a la venta.',
    begin: 'Estos son nuestros paquetes.',
    each: ({ name, seconds, amount, currency }) =>
      `Con ${name} obtiene ${duration(seconds)} por ${price(amount, currency)}.`,
    end: 'Dígame simplemente cuál quiere.',
  }),
  fr: ({ duration, price }) => ({
    nothing: "Nous n'avons pas de forfait à vendre en ce moment.",
    begin: 'Voici nos forfaits.',
    each: ({ name, seconds, amount, currency }) =>
      `${name} vous donne ${duration(seconds)} pour ${price(amount, currency)}.`,
    end: 'Dites-moi simplement lequel vous voulez.',
  }),
};

export default defineTool({
  name: 'get_pricing_packages',
  description: 'The packages of time for sale, and their prices.',
  sentences,
  isOffered: () => true,
  async execute({ call, say }) {
    const { packages } = await call.pricing();
    const offers = packages.map(({ name, total_minutes, price_cents, currency }) =>
      say.each({ name, seconds: total_minutes * 60, amount: price_cents, currency }),
    );
    const debtSeconds = await tellableDebt(call);
    const owed = debtSeconds > 0 ? [call.sentences.owed(debtSeconds)] : [];
    return {
      speech: offers.length === 0 ? say.nothing : [say.begin, ...offers, ...owed, say.end].join(' '),
      packages: packages.map(({ id, name, total_minutes, price_cents, currency }) => ({
        id,
        name,
        total_minutes,
        price_cents,
        currency,
      })),
    };
  },
});
