/** What people say of payment cards, in each language that the agent speaks: English, German, Spanish, French. */

const anyOf = (...words: string[]) => `(?:${words.join('|')})(?!\\p{L})`;
const wordsOf = (...words: string[]) => new RegExp(`(?<!\\p{L})${anyOf(...words)}`, 'iu');

/** Is said of what is on a payment card. */
export const OF_CARD = wordsOf(
  '(?:credit|debit|bank|payment) card|card number|visa|master ?card|american express|amex',
  'security code|cvc|cvv|expir\\w+|valid (?:until|thru|through)',
  '(?:kredit|debit|bank|ec-?)karten?|(?:kredit)?kartennummer|prüf(?:ziffer|nummer)|gültig bis|läuft ab',
  'tarjeta de (?:crédito|débito)|número de (?:mi |la )?tarjeta|código de seguridad|válida hasta|caduca',
  'carte (?:bancaire|bleue|de crédit)|numéro de (?:ma |la )?carte|cryptogramme|code de sécurité|valable jusqu',
);

/** The number of such a card is an activation code. */
export const OF_CODE = wordsOf(
  'gift|time|activation|voucher',
  'gutschein\\p{L}*|geschenk\\p{L}*|zeitkarten?|aktivierungs\\p{L}+',
  'regalo|activación|vale',
  'cadeau|bon',
);

/** "300 dollars" and "60 hours" are of no card: a unit, where a number ends. */
export const UNIT = new RegExp(
  `^[\\s-]*(?:%|${anyOf(
    '(?:dollar|buck|cent|euro|pound|hour|minute|second|day|week|month)s?|usd|percent',
    'dollar|euro|cent|pfund|prozent|stunden?|minuten?|sekunden?|tagen?|wochen?|monaten?',
    'dólar(?:es)?|euros?|céntimos?|centavos?|libras?|horas?|minutos?|segundos?|días?|semanas?|mes(?:es)?',
    'dollars?|euros?|centimes?|livres?|heures?|minutes?|secondes?|jours?|semaines?|mois',
  )})`,
  'iu',
);
