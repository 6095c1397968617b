/**
 * What nobody sees in a note: marks and orders of direction, which turn the text around them, of other people's too,
 * and controls. Joiners stay, of which emoji and several scripts are made; so do line ends.
 */
const UNSEEN = /(?!\u200c|\u200d|\n|\t)[\p{Cf}\p{Cc}\p{Co}\u2028\u2029]/gu;

/** Brackets that look like those of markup; some programs turn them into those. */
const OPENING = '\uff1c\ufe64\u3008\u2329\u27e8\u2039\u276e\u1438';
const CLOSING = '\uff1e\ufe65\u3009\u232a\u27e9\u203a\u276f\u1433';

/**
 * A note that somebody wrote to somebody else, as it is kept, shown and sent: with what is seen of it, and with plain
 * brackets, of which a check for markup knows.
 */
export function plainNote(text: string): string {
  const seen = [...text.replace(UNSEEN, '')];
  return seen.map((one) => (OPENING.includes(one) ? '<' : CLOSING.includes(one) ? '>' : one)).join('');
}
