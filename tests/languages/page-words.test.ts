import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { FAULT_CODES } from '../../shared/errors.ts';
import { LANGUAGES, localeOf, nearestLanguage } from '../../web/src/words/languages.ts';

// What the page says: all of it in each of its languages, and nothing that is never said. That no key is missing is a
// matter of types (`web/src/words/words.ts`).

const WORDS = 'web/src/words';
const OTHERS = Object.keys(LANGUAGES).filter((language) => language !== 'en');
const cataloguesOf = (language: string) =>
  readdirSync(join(WORDS, language))
    .map((file) => file.replace('.ts', ''))
    .sort();
const load = async (language: string, catalogue: string): Promise<unknown> =>
  (await import(/* @vite-ignore */ pathToFileURL(resolve(WORDS, language, `${catalogue}.ts`)).href)).default;

type Leaf = { path: string; words: string };
/** All sentences of a catalogue; those with places for figures with the same figure in each. */
function leavesOf(words: unknown, path = ''): Leaf[] {
  if (typeof words === 'string') return [{ path, words }];
  if (typeof words === 'function') return leavesOf((words as (...figures: unknown[]) => unknown)(7, 7), path);
  return Object.entries(words as object).flatMap(([key, part]) =>
    leavesOf(part, path ? `${path}.${key}` : key),
  );
}

/** The same in another language, as it happens. */
const SAME = new Set(['MindBot', 'Microphone', 'Assistant', 'E-mail', 'bonus', 'Bonus']);

test.each(OTHERS)('%s has all that English has, and none of it is English', async (language) => {
  expect(cataloguesOf(language)).toEqual(cataloguesOf('en'));
  for (const catalogue of cataloguesOf(language)) {
    const english = new Map(leavesOf(await load('en', catalogue)).map(({ path, words }) => [path, words]));
    const same = leavesOf(await load(language, catalogue)).filter(
      ({ path, words }) => english.get(path) === words && /\p{L}{2}/u.test(words) && !SAME.has(words),
    );
    expect([catalogue, same]).toEqual([catalogue, []]);
    for (const { path, words } of leavesOf(await load(language, catalogue)))
      expect([path, words.trim()]).not.toContain('');
  }
});

test.each(OTHERS)('%s has a sentence for each refusal of the service', async (language) => {
  const { codes } = (await load(language, 'errors')) as { codes: Record<string, string> };
  const english = Object.keys(((await load('en', 'errors')) as { codes: object }).codes);
  expect(Object.keys(codes).sort()).toEqual([...new Set([...FAULT_CODES, ...english])].sort());
});

/** Reached by what the service or LiveKit says, and by numbers in lists. */
const BY_CODE =
  /^(?:codes|ends|windows|errors|links|agent|status|reasons|endings|sources|stops|failures|kinds|memories|\d+)$/;

test('nothing stands in a catalogue that no room says', async () => {
  const files = readdirSync('web/src', { recursive: true, encoding: 'utf8' });
  const code = files
    .filter((file) => /\.tsx?$/.test(file) && !/^words\/(?:en|de|es|fr)\//.test(file))
    .map((file) => readFileSync(join('web/src', file), 'utf8'))
    .join('\n');
  const said = new Set(code.match(/\b[a-zA-Z]\w*\b/g));
  const unsaid: string[] = [];
  for (const catalogue of cataloguesOf('en')) {
    for (const { path } of leavesOf(await load('en', catalogue))) {
      const keys = path.split('.');
      const upTo = keys.findIndex((key) => BY_CODE.test(key));
      const spoken = upTo === -1 ? keys : keys.slice(0, upTo + 1).filter((key) => !/^\d+$/.test(key));
      if (!spoken.every((key) => said.has(key))) unsaid.push(`${catalogue}: ${path}`);
    }
  }
  expect(unsaid).toEqual([]);
});

test.each([
  [['pt-BR', 'es-MX', 'en'], 'es', 'es-MX'],
  [['zh-Hans-CN'], 'en', 'en'],
  [['de-CH', 'en'], 'de', 'de-CH'],
  [['fr'], 'fr', 'fr'],
  [[], 'en', 'en'],
  [['', 'not a tag', 'x-klingon'], 'en', 'en'],
] as const)('a browser that reads %s is shown %s, in its own notation %s', (tags, language, locale) => {
  expect(nearestLanguage(tags)).toBe(language);
  expect(localeOf(nearestLanguage(tags), tags)).toBe(locale);
});

test('figures go with the right form of a word', async () => {
  type Talk = { minutesLeft: (count: number) => string };
  const minutes = async (language: string, count: number) =>
    ((await load(language, 'talk')) as Talk).minutesLeft(count);
  expect(await minutes('fr', 0)).toContain('0 minute');
  expect(await minutes('fr', 0)).not.toContain('minutes');
  expect(await minutes('de', 1)).toBe('Noch etwa 1 Minute');
  expect(await minutes('es', 1)).toBe('Queda alrededor de 1 minuto');
  expect(await minutes('en', 0)).toBe('About 0 minutes left');
});
