import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const localKeys = z.object({
  supabasePublishableKey: z.string(),
  supabaseSecretKey: z.string(),
  supabaseJwtSecret: z.string(),
  stripeSecretKey: z.string(),
  stripePublishableKey: z.string(),
  stripeWebhookSecret: z.string(),
  openaiApiKey: z.string(),
  deepgramApiKey: z.string(),
  livekitApiKey: z.string(),
  livekitApiSecret: z.string(),
  activationCodeKey: z.string(),
  apiKeyPepper: z.string(),
});

/** Keys of the stand-ins on this machine. */
export type LocalKeys = z.infer<typeof localKeys>;

/**
 * New keys, shaped as the real services shape theirs. All but one contain `standin`, which production
 * refuses. The activation key does not: it is ours, and whoever goes live may want to keep the codes given out.
 * @param random gives that many random hexadecimal characters
 */
export function makeLocalKeys(
  random = (length: number) => randomBytes(length).toString('hex').slice(0, length),
) {
  return {
    supabasePublishableKey: `sb_publishable_standin${random(15)}_${random(8)}`,
    supabaseSecretKey: `sb_secret_standin${random(15)}_${random(8)}`,
    supabaseJwtSecret: `standin-${random(48)}`,
    stripeSecretKey: `sk_test_standin${random(32)}`,
    stripePublishableKey: `pk_test_standin${random(32)}`,
    stripeWebhookSecret: `whsec_standin${random(32)}`,
    openaiApiKey: `standin-openai-${random(16)}`,
    deepgramApiKey: `standin-deepgram-${random(16)}`,
    livekitApiKey: `APIstandin${random(10)}`,
    livekitApiSecret: `standin${random(41)}`,
    activationCodeKey: random(64),
    apiKeyPepper: `standin-${random(48)}`,
  } satisfies LocalKeys;
}

/** The machine's keys, made on first use and readable by their owner only. */
export function loadLocalKeys(home: string): LocalKeys {
  const file = join(home, 'keys.json');
  const stored: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  // A newer version may know more keys than the file: keep what is there, or people would lose their codes.
  const keys = localKeys.parse({ ...makeLocalKeys(), ...z.record(z.string(), z.string()).parse(stored) });
  const text = `${JSON.stringify(keys, null, 2)}\n`;
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    writeFileSync(`${file}.new`, text, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  return keys;
}
