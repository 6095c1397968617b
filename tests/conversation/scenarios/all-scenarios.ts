import type { Scenario } from '../scenario.ts';
import { CARDS } from './cards.ts';
import { CODES } from './codes.ts';
import { DESK } from './desk.ts';
import { FIGURES } from './figures.ts';
import { GOODBYE } from './goodbye.ts';
import { MEMORY } from './memory.ts';
import { PRESSURE } from './pressure.ts';
import { PURCHASES } from './purchases.ts';

export const SCENARIOS: readonly Scenario[] = [
  ...FIGURES,
  ...PURCHASES,
  ...GOODBYE,
  ...PRESSURE,
  ...DESK,
  ...CODES,
  ...CARDS,
  ...MEMORY,
];
