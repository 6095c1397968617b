import { type Language, type Locale, languageOf } from '../../shared/spoken/locales.ts';

/** How much of the smallest unit each word stands for: written down here anew, as a listener knows it. */
const TIME: Record<Language, Record<string, number>> = {
  en: { hour: 3600, hours: 3600, minute: 60, minutes: 60, second: 1, seconds: 1 },
  de: { Stunde: 3600, Stunden: 3600, Minute: 60, Minuten: 60, Sekunde: 1, Sekunden: 1 },
  es: { hora: 3600, horas: 3600, minuto: 60, minutos: 60, segundo: 1, segundos: 1 },
  fr: { heure: 3600, heures: 3600, minute: 60, minutes: 60, seconde: 1, secondes: 1 },
};

const MONEY: Record<Language, Record<string, Record<string, number>>> = {
  en: {
    usd: { dollar: 100, dollars: 100, cent: 1, cents: 1 },
    eur: { euro: 100, euros: 100, cent: 1, cents: 1 },
    gbp: { pound: 100, pounds: 100, penny: 1, pence: 1 },
    jpy: { yen: 1 },
    chf: { 'Swiss franc': 100, 'Swiss francs': 100 },
    huf: { 'Hungarian forint': 100, 'Hungarian forints': 100 },
    kwd: { 'Kuwaiti dinar': 1000, 'Kuwaiti dinars': 1000 },
  },
  de: {
    usd: { Dollar: 100, Cent: 1 },
    eur: { Euro: 100, Cent: 1 },
    gbp: { Pfund: 100, Penny: 1, Pence: 1 },
    jpy: { Yen: 1 },
    chf: { 'Schweizer Franken': 100 },
    huf: { 'Ungarischer Forint': 100, 'Ungarische Forint': 100 },
    kwd: { 'Kuwait-Dinar': 1000 },
  },
  es: {
    usd: { dólar: 100, dólares: 100, centavo: 1, centavos: 1 },
    eur: { euro: 100, euros: 100, céntimo: 1, céntimos: 1 },
    gbp: { libra: 100, libras: 100, penique: 1, peniques: 1 },
    jpy: { yen: 1, yenes: 1 },
    chf: { 'franco suizo': 100, 'francos suizos': 100 },
    huf: { 'forinto húngaro': 100, 'forintos húngaros': 100 },
    kwd: { 'dinar kuwaití': 1000, 'dinares kuwaitíes': 1000 },
  },
  fr: {
    usd: { dollar: 100, dollars: 100, cent: 1, cents: 1 },
    eur: { euro: 100, euros: 100, centime: 1, centimes: 1 },
    gbp: { livre: 100, livres: 100, penny: 1, pence: 1 },
    jpy: { yen: 1, yens: 1 },
    chf: { 'franc suisse': 100, 'francs suisses': 100 },
    huf: { 'forint hongrois': 100, 'forints hongrois': 100 },
    kwd: { 'dinar koweïtien': 1000, 'dinar koweïtiens': 1000 },
  },
};

const AND: Record<Language, string> = { en: 'and', de: 'und', es: 'y', fr: 'et' };

/** @throws where a part is not a number and a word that is known, or does not come in order of size */
function amountIn(text: string, and: string, sizes: Record<string, number>): number {
  const parts = text.split(` ${and} `).map((part) => {
    const [, figures = '', words = ''] = /^(\d+(?:[.,]\d+)?) (.+)$/.exec(part) ?? [];
    const size = sizes[words];
    if (size === undefined) throw new Error(`"${part}" is no amount`);
    return { size, amount: Math.round(Number(figures.replace(',', '.')) * size) };
  });
  const inOrder = parts.every(({ size }, i) => i === 0 || size < (parts[i - 1]?.size ?? 0));
  if (!inOrder) throw new Error(`"${text}" is not in order`);
  return parts.reduce((sum, { amount }) => sum + amount, 0);
}

/** Seconds that a listener understands. */
export const secondsHeard = (text: string, locale: Locale): number =>
  amountIn(text, AND[languageOf(locale)], TIME[languageOf(locale)]);

/** What a listener understands, in the currency's smallest unit. */
export const amountHeard = (text: string, currency: string, locale: Locale): number =>
  amountIn(text, AND[languageOf(locale)], MONEY[languageOf(locale)][currency] ?? {});
