import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOSTILE_CASES, verdictOf } from './hostile-cases.ts';
import { type Scene, startScene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
});
afterAll(() => scene.close());

test(`${HOSTILE_CASES.length} payments of hostile people and nodes: no verdict is false`, async () => {
  expect(HOSTILE_CASES.length).toBeGreaterThanOrEqual(60);
  const expected = HOSTILE_CASES.map(([name, verdict]) => [name, ...verdict]);
  const given: unknown[] = [];
  for (const [name, , play] of HOSTILE_CASES) given.push([name, ...verdictOf((await play(scene)).answer)]);
  expect(given).toEqual(expected);
});
