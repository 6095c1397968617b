import { CARD_MARK } from './mask-card-numbers.ts';
import { CODE_MARK, maskCodes } from './mask-codes.ts';
import { readDigits } from './read-digits.ts';

/** Stands where something was left out. */
const LEFT_OUT = '[left out]';

/** So many digits near each other are a card, an account or a telephone, or the better part of one. */
const TOO_MANY_DIGITS = 7;

/** Half a code. The call itself masks from eight on, so as not to spoil talk; memory can do with less talk. */
const PART_OF_CODE = 6;

/** Letters and digits mixed are an identifier, unless they are a day, a decade, a time or a measure. */
const IDENTIFIER = /^(?=.*\d)(?=.*\p{L})[\p{L}\d]{4,}$/u;
const MEASURE = /^\d+(?:st|nd|rd|th|s|am|pm|kg|km|cm|mm|ml|k|m|h|min|gb)$/i;

/** Repeated up to a bound, or a long row of letters is read from each of them to its end. */
const PART = '[\\p{L}\\d_-]{1,64}';
const DOT = '(?:dot|punkt|punto|point)';

const CONTACTS = [
  /\b(?:https?:\/\/|www\.)\S+/gi,
  /[^\s@]{1,64}@[^\s@]{1,255}/g,
  // As it is spoken: "ada dot lovelace at example dot com", in one turn or two.
  new RegExp(
    `(?<![\\p{L}\\d_-])(?:${PART}\\s(?:${DOT}|underscore|dash|unterstrich|bindestrich|guion(?: bajo)?|tiret(?: bas)?)\\s){0,5}${PART}\\s(?:at|ät|arroba|arobase)\\s` +
      `${PART}(?:\\s?(?:${DOT}|\\.)\\s?${PART}){0,5}\\s?(?:${DOT}\\s?|\\.)(?:com|org|net|edu|gov|io|dev|app|info|eu|uk|de|at|ch|fr|es|mx|co|us)(?!\\p{L})`,
    'giu',
  ),
];

const SECRET =
  /\b(?:pass\s?(?:word|code|phrase|port)s?|pins?|pin\s?codes?|secret|cvc|cvv|cvn|security (?:code|number|question|answer)|social security|ssn|iban|swift|(?:credit|debit|bank|gift|time)\s*cards?|card numbers?|(?:bank )?account numbers?|sort code|routing number|api keys?|access tokens?|tokens?|private key|seed phrase|activation codes?|log\s?in|one[- ]time|verification code)\b/i;

/** The same in the other languages that the agent speaks, and codes of doors and the like. */
const SECRET_ELSEWHERE = new RegExp(
  `(?<!\\p{L})(?:${[
    'geheim(?:nummer|code|wort|zahl)\\p{L}*|zugangs(?:code|daten|wort)\\p{L}*|pass(?:wort|wörter)\\p{L}*|kenn(?:wort|wörter)\\p{L}*',
    'prüf(?:ziffer|nummer)\\p{L}*',
    '(?:mi|su|tu|la|una) clave|clave (?:secreta|de acceso)|números? secretos?|códigos? (?:secretos?|de seguridad|de acceso)',
    'contrase[nñ]as?|código de',
    "mots? de passe|codes? (?:secrets?|d['’]accès|de sécurité)|cryptogramme",
    '(?:access|alarm|door|gate|safe|lock|entry) codes?|code (?:is|for|to|of|für|von|de (?:ma|mon|la|le))',
  ].join('|')})(?!\\p{L})`,
  'iu',
);

const isSecret = (sentence: string) => SECRET.test(sentence) || SECRET_ELSEWHERE.test(sentence);

function withoutNumbers(text: string): string {
  let [kept, done] = ['', 0];
  for (const { start, end, digits } of readDigits(text)) {
    if (digits.length < TOO_MANY_DIGITS) continue;
    kept += text.slice(done, start) + LEFT_OUT;
    done = end;
  }
  return kept + text.slice(done);
}

const withoutIdentifiers = (text: string) =>
  text.replace(/[\p{L}\d]+/gu, (word) => (IDENTIFIER.test(word) && !MEASURE.test(word) ? LEFT_OUT : word));

/** A sentence that speaks of a secret goes, and the next one too: "My password is this." "Swordfish." */
function withoutSecretSentences(text: string): string {
  const sentences = text.split(/(?<=[.!?])[^\S\n]+|(?<=\n)/);
  return sentences
    .map((sentence, i) =>
      isSecret(sentence) || isSecret(sentences[i - 1] ?? '')
        ? `${LEFT_OUT}${sentence.endsWith('\n') ? '\n' : ' '}`
        : `${sentence}${sentence.endsWith('\n') ? '' : ' '}`,
    )
    .join('');
}

/**
 * Takes out of what a caller said everything that memory must never see: activation codes, cards and other long
 * numbers, ways to reach somebody, and sentences that speak of a secret. Works on all turns together, because a
 * number can be said in several. Errs on the side of leaving out.
 */
export function leaveOutSecrets(turns: readonly string[]): string[] {
  const lines = turns.map((turn) => turn.normalize('NFKC').replace(/\s+/g, ' ').trim());
  const spoken = lines.join('\n').replaceAll(CODE_MARK, LEFT_OUT).replaceAll(CARD_MARK, LEFT_OUT);
  // Codes before numbers: what is left of a code without its digits is not one any more.
  let text = maskCodes(spoken, PART_OF_CODE).replaceAll(CODE_MARK, LEFT_OUT);
  text = withoutIdentifiers(withoutNumbers(text));
  for (const contact of CONTACTS) text = text.replace(contact, LEFT_OUT);
  return withoutSecretSentences(text)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.replaceAll(LEFT_OUT, '').trim() !== '');
}
