/**
 * What Moonshine writes when the words of the spelling alphabet and digits are spelled out, taught on Flite's voices.
 * A recogniser for telephones knows such words by itself; this one gets them wrong, and is corrected here.
 */

const SPELLING_WORDS =
  /^(?:alpha|bravo|charlie|delta|echo|foxtrot|golf|hotel|india|juliett?|kilo|lima|mike|november|oscar|papa|quebec|romeo|sierra|tango|uniform|victor|whiske?y|x-?ray|yankee|zulu)$/;
const DIGITS = /^(?:\d+|zero|one|two|three|four|five|six|seven|eight|nine)$/;
const LETTER = /^[b-hj-z]$/;

/** One word, or two, by what was meant. */
const CONFUSIONS: readonly [RegExp, string][] = [
  [/^f[aou](?:x|cks?|cs|t) (?:s?tr|dr|ch)\w*$/, 'Foxtrot'],
  [/^f[aou](?:x|cks|cs|rts)\w*$/, 'Foxtrot'],
  [/^hotels$|^bo tel$/, 'Hotel'],
  [/^julia$|^juliets$|^(?:j|ch|sh)\w{0,3}li\wt+e?$/, 'Juliet'],
  [/^kilos$|^keylo$|^kill o$|^[ckg]ie?l+(?:o|ow|oe|er)$/, 'Kilo'],
  [/^leema$|^lime (?:a|it|at|and)$|^b?lim\w{1,3}$/, 'Lima'],
  [/^papas$|^poppa$|^pop (?:a|it|at)$|^(?:pop|poppy|popper|pocket|parker)$/, 'Papa'],
  [/^quebeck$|^(?:put|for|cue) back$|^pud[ae][ck]k?$|^[bckq]\w{0,3}be[ck]+$/, 'Quebec'],
  [/^romio$|^r[ao]m[eiy] ?o$/, 'Romeo'],
  [/^(?:was|with) s?key$|^with ski$|^musky$|^whisk\w*$/, 'Whiskey'],
  [/^x ra(?:ys|in)$|^xrays$/, 'X-ray'],
  [
    /^yankees$|^y(?:[aeu]|ou)(?:n|m|ng) (?:k|g|key|kee|ky|ki|gi|ge|king)$|^y[aeu](?:n|m|lk)\w*$|^youngie$/,
    'Yankee',
  ],
  [/^(?:is|his) in$|^as an$/, 'as in'],
  [/^(?:du|do)$/, 'two'],
  [/^(?:fre|thre)$/, 'three'],
  [/^ford$/, 'four'],
  [/^(?:sicks|sixth)$/, 'six'],
  [/^(?:sevens|seventh)$/, 'seven'],
  [/^(?:ait|eighth|it|at|et|bait|aid)$/, 'eight'],
  [/^nein$/, 'nine'],
  [/^each$/, 'H'],
  [/^wise$/, 'Y'],
];

/** How much of a transcript has to be spelling, and surely, before anything else in it is taken for a slip. */
const FEWEST_SYMBOLS = 2;

const plain = (word: string) => word.toLowerCase().replace(/[^a-z\d-]/g, '');
const meantBy = (words: string) => CONFUSIONS.find(([heard]) => heard.test(words))?.[1];

/** A word as it was written, with the signs around it left in place. */
const inPlaceOf = (word: string, by: string) => word.replace(/[A-Za-z\d'’-]+/, by);

/**
 * Corrects a transcript in which somebody spells: one with a spelling word or a letter, two symbols or more, and not
 * more other words than symbols; or one with nothing in it but symbols and slips. Any other stays as it is: "put it back" is no Quebec.
 */
export function correctSpelling(transcript: string): string {
  const words = transcript
    .replace(/(?<=\w)(?<!\bx)-(?=\w)/gi, ' ')
    .split(/\s+/)
    .filter(Boolean);
  const corrected: string[] = [];
  let [letters, symbols, slips, spelledSlips, others] = [0, 0, 0, 0, 0];
  for (let at = 0; at < words.length; ) {
    const [first = '', second = ''] = [words[at], words[at + 1]];
    const [one, two] = [plain(first), `${plain(first)} ${plain(second)}`];
    const isSpelled = SPELLING_WORDS.test(one) || LETTER.test(one);
    const ofTwo = second === '' || (isSpelled && one !== 'x') ? undefined : meantBy(two);
    const meant = ofTwo ?? (isSpelled || DIGITS.test(one) ? undefined : meantBy(one));
    if (isSpelled) letters++;
    if (isSpelled || DIGITS.test(one)) symbols++;
    else if (meant !== undefined) {
      slips++;
      if (/^[A-Z]/.test(meant)) spelledSlips++;
    } else if (!/^(?:as|in|and|then|dash|is|for|like)$/.test(one)) others++;
    corrected.push(meant === undefined ? first : inPlaceOf(ofTwo ? second : first, meant));
    at += ofTwo ? 2 : 1;
  }
  const isMostly = letters > 0 && symbols >= FEWEST_SYMBOLS && symbols >= others;
  const isOnly =
    others === 0 && symbols > 0 && letters + spelledSlips > 0 && symbols + slips > FEWEST_SYMBOLS;
  return isMostly || isOnly ? corrected.join(' ') : transcript;
}
