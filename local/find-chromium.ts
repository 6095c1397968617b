import { findProgram, isExecutable } from './find-program.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const ON_A_MAC = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

export const HOW_TO_GET_CHROMIUM =
  'Install Chromium or Chrome (on Debian: apt-get install chromium), or set CHROMIUM_BINARY.';

/**
 * An installed Chromium or Chrome, for tests in a real browser.
 * @param env CHROMIUM_BINARY (a path) and PATH
 */
export function findChromium(env: Readonly<Record<string, string | undefined>>): string | null {
  if (env.CHROMIUM_BINARY) return isExecutable(env.CHROMIUM_BINARY) ? env.CHROMIUM_BINARY : null;
  return findProgram(NAMES, env.PATH) ?? ON_A_MAC.find(isExecutable) ?? null;
}
