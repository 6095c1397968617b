import type { Settings } from './read-settings.ts';

/** Which services are played by a stand-in on this machine. */
export type StandIns = {
  database: boolean;
  stripe: boolean;
  hearing: boolean;
  thinking: boolean;
  speaking: boolean;
  media: boolean;
  mail: boolean;
};

/**
 * What has no key gets a stand-in, one service at a time. An OpenAI- or Deepgram-compatible server of one's own
 * (Ollama and the like) needs an address but no key, so an address counts too; it says nothing about speaking,
 * which such servers seldom do.
 */
export function chooseStandIns(settings: Settings): StandIns {
  const has = (name: string) => settings[name] !== undefined;
  return {
    database: !has('SUPABASE_URL'),
    stripe: !has('STRIPE_SECRET_KEY'),
    hearing: !has('DEEPGRAM_API_KEY') && !has('DEEPGRAM_BASE_URL'),
    thinking: !has('OPENAI_API_KEY') && !has('OPENAI_BASE_URL'),
    speaking: !has('OPENAI_API_KEY') && !has('OPENAI_TTS_API_KEY') && !has('OPENAI_TTS_BASE_URL'),
    media: !has('LIVEKIT_URL'),
    mail: !has('SMTP_URL'),
  };
}

/** Whether calls are in English whatever the caller's language: no stand-in hears, thinks or speaks another. */
export const speaksEnglishOnly = ({ hearing, thinking, speaking }: StandIns): boolean =>
  hearing || thinking || speaking;
