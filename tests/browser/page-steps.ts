import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FrameLocator, Page } from 'playwright-core';
import { patience } from '../support/patience.ts';

export const cameTrue = { timeout: patience(40_000) };

export const seconds = async (page: Page, id: string) =>
  Number(await page.getByTestId(id).getAttribute('data-seconds'));

/** Goes to a room by its link, as people do: the page stays as it is. */
export async function goTo(page: Page, room: 'talk' | 'buy' | 'account'): Promise<void> {
  const link = (bar: string) => page.getByTestId(`${bar}-${room}`);
  await link('room-links').or(link('room-bar')).filter({ visible: true }).click();
}

/** @returns the address that was signed up */
export async function signUp(page: Page, url: string): Promise<string> {
  await page.goto(`${url}/sign-up`);
  const email = `${randomUUID()}@example.com`;
  await page.getByTestId('email').fill(email);
  await page.getByTestId('password').fill('correct horse battery staple');
  await page.getByTestId('sign-up').click();
  await page.getByTestId('balance').waitFor(cameTrue);
  return email;
}

/** Stripe's frame, which has the fields of the card. */
export function cardFrame(page: Page): FrameLocator {
  return page.frameLocator('iframe[title="Secure payment input frame"]');
}

export async function payWithCard(page: Page, number: string): Promise<void> {
  await cardFrame(page).getByLabel('Card number').fill(number, cameTrue);
  await pressButton(page, 'pay');
}

/**
 * By keyboard, as soon as it can be pressed: beside Stripe's frame a click just after a scroll may go to where the frame
 * was drawn before.
 */
export async function pressButton(page: Page, testId: string): Promise<void> {
  await page.locator(`[data-testid=${testId}]:enabled`).press('Enter', cameTrue);
}

/** Whether all of it stands in the window, and nothing lies over it. */
export function isInView(page: Page, id: string): Promise<boolean> {
  return page.evaluate(`{
    const element = document.querySelector('[data-testid=${id}]');
    const { left, top, width, height } = element.getBoundingClientRect();
    const inWindow = top >= 0 && top + height <= innerHeight && left >= 0 && left + width <= innerWidth;
    inWindow && element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
  }`);
}

const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');

/** What axe finds, by rule and place. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(`axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => id + ' at ' + target.join(' ') + ': ' + failureSummary)))`);
}

/** The question of the card's bank, over the page. */
export function bankFrame(page: Page): FrameLocator {
  return page.frameLocator('iframe[title="3D Secure"]');
}
