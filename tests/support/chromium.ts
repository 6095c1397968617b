import { type Browser, chromium } from 'playwright-core';
import { findChromium, HOW_TO_GET_CHROMIUM } from '../../local/find-chromium.ts';

/** Where a Chromium is, or null. */
export const chromiumPath = findChromium(process.env);

export const NO_CHROMIUM = `no browser here. ${HOW_TO_GET_CHROMIUM}`;

/**
 * A headless Chromium that never calls home.
 * @param microphoneFile what its microphone plays; there is none without it
 */
export function launchChromium(microphoneFile?: string): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath ?? '',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(microphoneFile === undefined ? [] : microphoneArguments(microphoneFile)),
    ],
  });
}

const microphoneArguments = (file: string): string[] => [
  '--autoplay-policy=no-user-gesture-required',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  `--use-file-for-fake-audio-capture=${file}%noloop`,
];
