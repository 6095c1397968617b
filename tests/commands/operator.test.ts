import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
let home: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'mindbot-operator-'));
  sidecar = await startSidecar();
});
afterAll(async () => {
  await sidecar.close();
  rmSync(home, { recursive: true, force: true });
});

function operator(...args: string[]): Promise<{ code: number; text: string }> {
  const { PATH } = process.env;
  const env = { PATH, ...sidecar.variables, MINDBOT_HOME: home, MINDBOT_ENV_FILE: join(home, 'none') };
  return new Promise((resolve) => {
    execFile(process.execPath, ['commands/operator.ts', ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), text: stdout + stderr });
    });
  });
}

test('who signed up is made an operator, sees the board, and is one no more', async () => {
  const person = await sidecar.database.signUp();
  const board = async () => (await sidecar.get('/operator/board/now', { person })).status;
  expect(await board()).toBe(403);
  expect((await operator('grant', person.email.toUpperCase())).code).toBe(0);
  expect((await operator('list')).text).toBe(`${person.email}\n`);
  expect(await board()).toBe(200);
  expect((await operator('revoke', person.email)).code).toBe(0);
  expect(await board()).toBe(403);
});

test('who did not sign up is nobody, and what means nothing is refused', async () => {
  expect(await operator('grant', 'nobody@example.com')).toEqual({
    code: 1,
    text: 'Nobody has signed up as nobody@example.com.\n',
  });
  for (const args of [
    [],
    ['grant'],
    ['make', 'a@example.com'],
    ['list', 'a@example.com'],
    ['grant', 'a', 'b'],
  ])
    expect((await operator(...args)).code).toBe(64);
});
