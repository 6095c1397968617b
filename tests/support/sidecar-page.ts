import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { inject } from 'vitest';
import { chromiumPath, launchChromium } from './chromium.ts';
import { PASSWORD, type Person } from './database.ts';
import { patience } from './patience.ts';
import { startSidecar, until } from './sidecar.ts';

/** The page, built for production by whoever needs it first. @returns its folder */
async function builtPage(): Promise<string> {
  const folder = join(inject('runFolder'), 'page');
  const built = `${folder}.built`;
  try {
    mkdirSync(`${folder}.begun`);
  } catch {
    await until(async () => existsSync(built), patience(60_000));
    return folder;
  }
  const vite = resolve('node_modules/vite/bin/vite.js');
  // What tests set would give a development build of React.
  const env = { ...process.env, NODE_ENV: 'production' };
  const page = ['build', 'web', '--outDir', folder, '--emptyOutDir'];
  await promisify(execFile)(process.execPath, [vite, ...page], { env });
  writeFileSync(built, '');
  return folder;
}

/** What is wrong with a page from now on, violations of its Content-Security-Policy included. */
export function problemsOf(page: Page): string[] {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error') problems.push(line.text());
  });
  return problems;
}

/** Signs in on a page that asks for it. */
export async function fillSignIn(page: Page, person: Person): Promise<void> {
  await page.getByTestId('email').fill(person.email);
  await page.getByTestId('password').fill(PASSWORD);
  await page.getByTestId('sign-in').click();
}

export type SidecarPage = NonNullable<Awaited<ReturnType<typeof openSidecarPage>>>;

/** The page, built for production, at a sidecar of its own, and a Chromium: undefined where there is none. */
export async function openSidecarPage(
  options: Pick<NonNullable<Parameters<typeof startSidecar>[0]>, 'config'> = {},
) {
  if (chromiumPath === null) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'mindbot-page-'));
  const sidecar = await startSidecar({ ...options, app: { pageFolder: await builtPage() } });
  const browser = await launchChromium();
  return {
    browser,
    sidecar,
    /** Where a screenshot goes; SCREENSHOTS keeps them. */
    screenshot: (name: string) => join(process.env.SCREENSHOTS ?? folder, `${name}.png`),
    /**
     * Comes to a room, where who is not signed in is asked to.
     * @param shows what is there as soon as somebody is signed in
     */
    async signIn(page: Page, person: Person, room: string, shows: string): Promise<void> {
      await page.goto(sidecar.url + room);
      await fillSignIn(page, person);
      await page.getByTestId(shows).first().waitFor();
    },
    async close(): Promise<void> {
      await browser.close();
      await sidecar.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
