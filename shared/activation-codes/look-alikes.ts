/**
 * What people paste in place of the characters of a code: letters of other alphabets that look like ours, digits of
 * other scripts, and characters that nobody sees.
 */

/** Pairs of a capital of another alphabet and the Latin one, or the digit, that it looks like. */
const PAIRS = [
  // Cyrillic
  'АA ВB ЕE ЅS ІI ЈJ КK МM НH ОO РP СC ТT УY ҮY ҰY ХX З3 ԚQ ԜW ҒF ҺH ԀD ӀI ЬB Б6 Ч4 ѴV ҬT ҢH ҚK ҲX',
  // Greek
  'ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ϹC ϜF ͿJ',
  // Small capitals, and Armenian
  'ᴀA ʙB ᴄC ᴅD ᴇE ꜰF ɢG ʜH ɪI ᴊJ ᴋK ʟL ᴍM ɴN ᴏO ᴘP ꞯQ ʀR ꜱS ᴛT ᴜU ᴠV ᴡW ʏY ᴢZ ՍU ՏS ՕO',
].join(' ');

const LATIN: ReadonlyMap<string, string> = new Map(
  PAIRS.split(' ').map((pair): [string, string] => [pair.charAt(0), pair.charAt(1)]),
);

/** Letters by name, and strokes or gaps by look: a katakana lengthening mark, the Chinese one, Korean fillers. */
const STROKES = /[\p{Lm}\u4E00\u115F\u1160\u1173\u119E\u3161\u3164\u318D]/u;

/** What nobody sees: joiners, marks of direction, soft hyphens, selectors, accents that stand by themselves. */
const UNSEEN = /[\p{Cf}\p{Cc}\p{M}]/u;

const isDigit = (point: number) => /\p{Nd}/u.test(String.fromCodePoint(point));

/** Digits come in tens, from their zero on. */
function digitOf(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  let before = 0;
  while (before < 10 && isDigit(point - before - 1)) before++;
  return String(before % 10);
}

function latin(character: string): string {
  if (/^\p{Nd}$/u.test(character)) return digitOf(character);
  return LATIN.get(character) ?? LATIN.get(character.toUpperCase()) ?? character.toUpperCase();
}

/**
 * One character as it stands in a code, upper case.
 * @returns an empty text for what nobody sees, null for what separates
 */
export function plainSymbols(character: string): string | null {
  // The byte order mark counts as white space, and is seen by nobody.
  if (/[^\S\uFEFF]/.test(character)) return null;
  if (UNSEEN.test(character)) return '';
  const compatible = [...character.normalize('NFKC')];
  if (!compatible.every((part) => /[\p{L}\p{N}]/u.test(part) && !STROKES.test(part))) return null;
  return compatible.map(latin).join('');
}
