import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { findProject } from '../../../commands/basics/project.ts';
import { findChromium } from '../../../local/find-chromium.ts';

/** A picture of the page, where there is a browser. */
async function paint(html: string, file: string): Promise<boolean> {
  const executablePath = findChromium(process.env);
  if (executablePath === null) return false;
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const tab = await browser.newPage({ viewport: { width: 1640, height: 900 } });
    await tab.setContent(html);
    await tab.screenshot({ path: file, fullPage: true });
    return true;
  } finally {
    await browser.close();
  }
}

/** Keeps figures as JSON, charts as HTML, and as PNG where there is a browser. @returns the files */
export async function keepReport(name: string, report: object, html: string): Promise<string[]> {
  const folder = join(findProject(process.env).home, 'bench');
  mkdirSync(folder, { recursive: true });
  const base = join(folder, `${name}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`);
  writeFileSync(`${base}.json`, JSON.stringify(report, null, 2));
  writeFileSync(`${base}.html`, html);
  const files = [`${base}.json`, `${base}.html`];
  const isPainted = await paint(html, `${base}.png`).catch((error: Error) => {
    console.log(`No picture: ${error.message.split('\n')[0]}`);
    return false;
  });
  return isPainted ? [...files, `${base}.png`] : files;
}
