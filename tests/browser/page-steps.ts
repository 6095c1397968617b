import { randomUUID } from 'node:crypto';
import type { FrameLocator, Page } from 'playwright-core';
import { patience } from '../support/patience.ts';

export const cameTrue = { timeout: patience(40_000) };

export const seconds = async (page: Page, id: string) =>
  Number(await page.getByTestId(id).getAttribute('data-seconds'));

/** @returns the address that was signed up */
export async function signUp(page: Page): Promise<string> {
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
  await page.getByTestId('pay').click();
}
