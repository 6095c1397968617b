/** What people say over and over is shorter: "yes please", "the next one". */
const LONG_WORDS = 6;

/** An announcement on hold comes again after some others. */
const REMEMBERED = 12;

/** The last long sentences that were said, as plain words. */
export type Repeats = readonly string[];

export const newRepeats: Repeats = [];

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/**
 * Whether words are new, or what a machine says again: hold music with its announcement, a voicemail greeting, a
 * television. Nobody says a long sentence twice, word for word.
 * @param isFinal false while the words may still change: the beginning of what was said before is not new either
 */
export function noteWords(repeats: Repeats, text: string, isFinal: boolean): [Repeats, isNew: boolean] {
  const words = plain(text);
  if (words.split(' ').length < LONG_WORDS) {
    // Of a guess nobody knows how it goes on.
    const isBeginning = !isFinal && words !== '' && repeats.some((said) => said.startsWith(`${words} `));
    return [repeats, !isBeginning];
  }
  if (!isFinal) return [repeats, !repeats.some((said) => said.startsWith(words))];
  if (repeats.includes(words)) return [repeats, false];
  return [[...repeats, words].slice(-REMEMBERED), true];
}
