import { distance } from 'fastest-levenshtein';
import type { Tool } from './chat-request.ts';
import { type Intent, PACKAGE_SLOT } from './intents/intent.ts';
import { INTENTS } from './intents.ts';
import { FILLERS, PACKAGE_NAMES, SAME_WORDS } from './spoken-words.ts';

export interface Match {
  intent: Intent;
  /** The package named, if it is one: a key of `PACKAGE_NAMES`. */
  packageId: string | undefined;
}

const MIN_LIKENESS = 0.6;
/** "Hello. What are your prices?": of several sentences the request counts, not the greeting. */
const REQUEST_BONUS = 0.3;

const canonicalWord = new Map(SAME_WORDS.flatMap((words) => words.map((word) => [word, words[0] ?? word])));
const packageOfName = new Map(
  Object.entries(PACKAGE_NAMES).flatMap(([id, names]) => names.map((name) => [name, id] as const)),
);

/** "Do not hang up": a sentence that denies is like no example that does not, however many words they share. */
const isDenial = (words: string[]) =>
  words.some((word) => /^(?:not|never|cannot|dont|wont|cant)$/.test(word));

const examples = INTENTS.flatMap((intent) =>
  intent.examples.map((example) => ({ intent, words: withoutFillers(toWords(example)) })),
);
const weights = wordWeights();
/** Words of so few intents tell which it is. */
const TELLING_WEIGHT = Math.log(1 + INTENTS.length / 3);
/** A word in no example weighs little: it is as often misheard as meaningful. */
const UNKNOWN_WEIGHT = 1;

/**
 * Finds what a caller wants, tolerant of misheard words: the example that shares most of its telling words with
 * the sentence, or with any one sentence of several.
 *
 * @param unknownTools of which no intent has examples: their own words stand for them
 * @returns null when nothing is near enough
 */
export function matchIntent(text: string, unknownTools: readonly Tool[] = []): Match | null {
  const known = [...examples, ...unknownTools.flatMap(examplesOf)];
  const sentences = text.split(/[.?!]+/).filter((sentence) => /\w/.test(sentence));
  let best: { intent: Intent; score: number } | null = null;
  const packageIds = new Set<string>();
  const isLong = sentences.length > 1;
  for (const candidate of isLong ? [text, ...sentences] : sentences) {
    const named = namePackages(toWords(candidate));
    for (const id of named.packageIds) packageIds.add(id);
    const words = withoutFillers(named.words);
    const denies = isDenial(words);
    for (const { intent, words: exampleWords } of known) {
      if (isDenial(exampleWords) !== denies) continue;
      const likely = likeness(words, exampleWords);
      if (likely < (intent.minLikeness ?? MIN_LIKENESS)) continue;
      const score = likely + (isLong && intent.tool ? REQUEST_BONUS : 0);
      // "Is that all?" has the words of "that is all": where two fit as well, the one that does nothing.
      if (!best || score > best.score || (score === best.score && !intent.tool)) best = { intent, score };
    }
  }
  // Whoever names two is asked which one.
  const [packageId] = packageIds.size === 1 ? packageIds : [];
  return best && { intent: best.intent, packageId };
}

/** A tool in its own words: its name, and each sentence of its description. */
function examplesOf({ name, description = '' }: Tool) {
  const words = name.replaceAll('_', ' ');
  const sentences = [words, ...description.split(/[.:;]+/)].filter((sentence) => /\w/.test(sentence));
  const intent: Intent = { name, tool: name, offer: words, examples: sentences };
  return sentences.map((sentence) => ({ intent, words: withoutFillers(toWords(sentence)) }));
}

/** Lower case, no accents, no plural "s", words that sound alike made one. */
function toWords(text: string): string[] {
  return text
    .split(/\s+/)
    .map((word) => (word === PACKAGE_SLOT ? word : word.toLowerCase().normalize('NFKD')))
    .join(' ')
    .replace(/\bgood[\s-]+(?:bye?|buy|byte)\b/g, 'goodbye')
    .replace(/['’]s\b/g, ' is')
    .replace(/['’]ll\b/g, ' will')
    .replace(/['’]m\b/g, ' am')
    .replace(/\p{Mark}|['’]/gu, '')
    .replace(/[^\w\s]/g, ' ')
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => canonicalWord.get(word) ?? word)
    .map((word) => (word.length > 3 ? word.replace(/s$/, '') : word))
    .map((word) => canonicalWord.get(word) ?? word);
}

function namePackages(words: string[]): { words: string[]; packageIds: string[] } {
  const ids = words.map((word) => packageOfName.get(word) ?? nearestPackage(word));
  return {
    words: words.map((word, i) => (ids[i] === undefined ? word : PACKAGE_SLOT)),
    packageIds: ids.filter((id) => id !== undefined),
  };
}

function nearestPackage(word: string): string | undefined {
  return Object.keys(PACKAGE_NAMES).find((name) => wordLikeness(name, word) > 0);
}

function withoutFillers(words: string[]): string[] {
  const meant = words.filter((word) => !FILLERS.has(word));
  return meant.length > 0 ? meant : words;
}

/** The rarer a word among the intents, the more it tells: "prices" more than "the". */
function wordWeights(): Map<string, number> {
  const intentsOfWord = new Map<string, Set<string>>();
  for (const { intent, words } of examples) {
    for (const word of words)
      intentsOfWord.set(word, (intentsOfWord.get(word) ?? new Set()).add(intent.name));
  }
  return new Map(
    Array.from(intentsOfWord, ([word, { size }]) => [word, Math.log(1 + INTENTS.length / size)]),
  );
}

/** 0 to 1: the harmonic mean of how much of the example was said and how much of what was said is in the example. */
function likeness(said: string[], example: string[]): number {
  const total = (words: string[]) => words.reduce((sum, word) => sum + weightOf(word), 0);
  const shared = (words: string[], others: string[]) => {
    const pairs = others
      .slice(1)
      .map((word, i) => ((others[i]?.length ?? 0) > 1 ? `${others[i]}${word}` : word));
    const candidates = [...others, ...pairs];
    return words.reduce(
      (sum, word) =>
        sum + weightOf(word) * Math.max(0, ...candidates.map((other) => wordLikeness(word, other))),
      0,
    );
  };
  // "I have a garden" has three words of "I have a coupon", and none of those that count.
  const telling = example.filter((word) => weightOf(word) >= TELLING_WEIGHT);
  if (telling.length > 0 && shared(telling, said) === 0) return 0;
  const recall = shared(example, said) / total(example);
  const precision = shared(said, example) / total(said);
  return recall + precision === 0 ? 0 : (2 * recall * precision) / (recall + precision);
}

function weightOf(word: string): number {
  return weights.get(word) ?? UNKNOWN_WEIGHT;
}

/** 1 when equal, 0.8 when one letter in four or more, or two in seven or more, differ; else 0. */
function wordLikeness(a: string, b: string): number {
  if (a === b) return 1;
  const shorter = Math.min(a.length, b.length);
  const allowed = shorter >= 7 ? 2 : shorter >= 4 ? 1 : 0;
  return allowed > 0 && distance(a, b) <= allowed ? 0.8 : 0;
}
