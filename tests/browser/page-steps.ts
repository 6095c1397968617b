import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
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

export async function payWithCard(page: Page, number: string): Promise<void> {
  await page.getByTestId('card-number').fill(number);
  await page.getByTestId('pay').click();
}
