import { expect, it } from 'vitest';
import { asksForPrivacy } from '../../agent/memory/asks-for-privacy.ts';

it.each([
  'Das ist privat.',
  'Was ich Ihnen jetzt sage, ist geheim.',
  'Es ist ein Geheimnis.',
  'Können Sie das bitte für sich behalten?',
  'Behalten Sie das bitte für sich.',
  'Merk dir das bitte nicht.',
  'Merken Sie sich das nicht.',
  'Erzählen Sie das niemandem.',
  'Vergessen Sie, was ich gesagt habe.',
  "C'est privé.",
  'C’est un secret.',
  'Gardez ça pour vous.',
  "N'enregistrez pas cela.",
  "N'en gardez rien.",
  'Ne vous en souvenez pas.',
  "Oubliez ce que j'ai dit.",
  'Esto es muy privado.',
  'Es un secreto.',
  'Guárdelo para usted.',
  'Olvide lo que dije.',
  'No se lo diga a nadie.',
  'Please forget that.',
  'Forget what I said.',
  'Can you forget this?',
])('%j is a wish for privacy', (text) => {
  expect(asksForPrivacy(text)).toBe(true);
});

it.each([
  'Ich arbeite privat als Gärtner.',
  'Mein Zimmer ist geheimnisvoll.',
  'Je travaille dans une école privée.',
  'Trabajo en un colegio privado.',
  'I always forget that.',
  "Don't forget that!",
  'Forget that I live in Paris.',
  'Guardo el coche para mi hermano.',
])('%j is none', (text) => {
  expect(asksForPrivacy(text)).toBe(false);
});
