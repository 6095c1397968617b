import { expect, it } from 'vitest';
import { meansEverything } from '../../agent/memory/means-everything.ts';

it.each([
  'everything',
  'Everything.',
  'everything about me',
  'everything you know about me',
  'everything that you remember of me',
  'everything I ever told you',
  'all',
  'all of it',
  'all of it, please',
  'all my data',
  'all memories of me',
  'alles über mich',
  'todo sobre mí',
  'tout sur moi',
])('%j is everything', (what) => {
  expect(meansEverything(what)).toBe(true);
});

it.each([
  'all my pets',
  'everything about my dog',
  'all of my pets',
  'allergies',
  'everything bagels',
  'where I live',
  'not everything',
  'everything you know about my dog',
  'all that jazz',
  '',
])('%j is not', (what) => {
  expect(meansEverything(what)).toBe(false);
});
