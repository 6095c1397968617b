import { existsSync, readFileSync, statSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { DEFAULT_PORTS } from '../configuration/choose-ports.ts';
import { chooseStandIns, speaksEnglishOnly } from '../configuration/choose-stand-ins.ts';
import {
  askedSettings,
  completeSettings,
  configurationProblems,
} from '../configuration/complete-settings.ts';
import { makeLocalKeys } from '../configuration/local-keys.ts';
import { PRODUCT_NAMES, type Settings } from '../configuration/settings.ts';
import { bad, type Finding, ok, worthKnowing } from './finding.ts';

const OTHER_NAMES = ['MINDBOT_HOME', 'LIVEKIT_SERVER_BINARY', 'CHROMIUM_BINARY'];

const WORDS: Record<keyof Required<ReturnType<typeof chooseStandIns>>, string> = {
  database: 'database and sign-in (SUPABASE_URL)',
  stripe: 'payments (STRIPE_SECRET_KEY)',
  stt: 'stt: speech to text (DEEPGRAM_API_KEY)',
  llm: 'llm: the language model (OPENAI_API_KEY or OPENAI_BASE_URL)',
  tts: 'tts: text to speech (OPENAI_API_KEY)',
  media: 'media (LIVEKIT_URL)',
  mail: 'e-mail (SMTP_URL)',
  chain: 'a chain with USDC (X402_FACILITATOR_URL)',
};

function checkFile(envFile: string): Finding[] {
  if (!existsSync(envFile)) {
    return [
      worthKnowing('No .env: everything runs on stand-ins', 'cp .env.example .env, and set what you have.'),
    ];
  }
  const unknown = Object.keys(parseEnv(readFileSync(envFile, 'utf8'))).filter(
    (name) => !PRODUCT_NAMES.has(name) && !OTHER_NAMES.includes(name),
  );
  const isOpen = statSync(envFile).isFile() && (statSync(envFile).mode & 0o077) !== 0;
  return [
    ok(`Configuration from ${envFile}`),
    ...(isOpen
      ? [worthKnowing('.env can be read by other users of this machine', `chmod 600 ${envFile}`)]
      : []),
    ...unknown.map((name) =>
      worthKnowing(`${name} in .env is not a variable of MindBot`, 'See .env.example.'),
    ),
  ];
}

/** What is wrong with the configuration, by variable, and which stand-ins it leads to. Reads no network. */
export function checkSettings(settings: Settings, envFile: string): Finding[] {
  const isProduction = settings.ENVIRONMENT === 'production';
  const standIns = chooseStandIns(settings);
  const complete = isProduction
    ? settings
    : completeSettings({
        settings,
        standIns,
        keys: makeLocalKeys(),
        ports: DEFAULT_PORTS,
        hasLocalMedia: standIns.media,
      });
  const problems = configurationProblems({ ...complete, ...askedSettings(settings) }, true);
  const names = Object.entries(standIns).flatMap(([name, isUsed]) =>
    isUsed && !isProduction ? [WORDS[name as keyof typeof WORDS]] : [],
  );
  return [
    ...checkFile(envFile),
    ...problems.map((problem) => bad(problem, 'Set it in .env as .env.example explains.')),
    ...(problems.length === 0 ? [ok(`The configuration is complete for ${complete.ENVIRONMENT}`)] : []),
    ...names.map((name) => worthKnowing(`A stand-in is used for ${name}`)),
    ...(!isProduction && speaksEnglishOnly(standIns)
      ? [
          worthKnowing(
            'Calls are in English, whatever language a person has chosen: the stand-ins know no other',
            'Set DEEPGRAM_API_KEY and OPENAI_API_KEY for German, Spanish and French.',
          ),
        ]
      : []),
  ];
}
