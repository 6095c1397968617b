import { defineTool, type SentencesIn } from '../define-tool.ts';
import { readCredits } from '../read-credits.ts';

type Said = { left(credits: number): string; beyond(credits: number): string; none(): string };

const sentences: SentencesIn<Said> = {
  en: ({ count }) => ({
    left: (credits: number) => `Your organization has ${count(credits)} credits left.`,
    beyond: (credits: number) => `Your organization has used all its credits, and ${count(credits)} more.`,
    none: () => 'This call is on your own time. Credits belong to an organization.',
  }),
  de: ({ count }) => ({
    left: (credits: number) => `Ihre Organisation hat noch ${count(credits)} Credits.`,
    beyond: (credits: number) =>
      `Ihre Organisation hat alle Credits verbraucht, und ${count(credits)} darüber hinaus.`,
    none: () => 'Dieses Gespräch geht auf Ihre eigene Zeit. Credits gehören einer Organisation.',
  }),
  es: ({ count }) => ({
    left: (credits: number) => `A su organización le quedan ${count(credits)} créditos.`,
    beyond: (credits: number) => `Su organización ha usado todos sus créditos y ${count(credits)} más.`,
    none: () => 'Esta llamada usa su propio tiempo. Los créditos son de una organización.',
  }),
  fr: ({ count }) => ({
    left: (credits: number) => `Il reste ${count(credits)} crédits à votre organisation.`,
    beyond: (credits: number) =>
      `Votre organisation a utilisé tous ses crédits, et ${count(credits)} de plus.`,
    none: () => 'Cet appel utilise votre propre temps. Les crédits sont ceux d’une organisation.',
  }),
};

export default defineTool({
  name: 'check_credits',
  description: "How many credits the caller's organization has left.",
  isOffered: ({ isDesk, isOfTenant }) => !isDesk && isOfTenant === true,
  sentences,
  async execute({ call, say }) {
    const found = await readCredits(call);
    if (found === undefined) return { speech: say.none(), remaining_credits: null };
    const { remaining, used, included } = found.credits;
    return {
      speech: remaining < 0 ? say.beyond(-remaining) : say.left(remaining),
      remaining_credits: remaining,
      used_credits: used,
      included_credits: included,
    };
  },
});
