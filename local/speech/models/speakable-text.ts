/** What Flite reads wrongly, found by letting Moonshine write down what it says. Money and percentages it reads well. */
const REWRITES: readonly [RegExp, string][] = [
  [/\p{Mark}/gu, ''],
  [/[*_`#~|<>]+|-{2,}/g, ' '],
  [/(\d)\s*h(?:rs?)?\b\.?/gi, '$1 hours'],
  [/(\d)\s*m(?:ins?)?\b\.?/gi, '$1 minutes'],
  [/(\d)\s*s(?:ecs?)?\b\.?/gi, '$1 seconds'],
  [/\b1 (hour|minute|second)s\b/g, '1 $1'],
  // A capital inside a word is where a new word starts: "MindBot" is otherwise read as "mindbit".
  [/(\p{Ll})(\p{Lu})/gu, '$1 $2'],
  [/\s+/g, ' '],
];

const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });

/**
 * Prepares a text for Flite: sentence by sentence, so that the first is heard while the next is being made.
 *
 * @returns sentences without markup; empty when there is nothing to say
 */
export function speakableSentences(text: string): string[] {
  const plain = REWRITES.reduce((rest, [found, put]) => rest.replace(found, put), text.normalize('NFKD'));
  return Array.from(sentences.segment(plain), ({ segment }) => segment.trim()).filter((sentence) =>
    /[\p{L}\p{N}]/u.test(sentence),
  );
}
