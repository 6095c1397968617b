import type { Settings } from './settings.ts';

/** Which services are played by a stand-in on this machine. */
export type StandIns = {
  database: boolean;
  stripe: boolean;
  stt: boolean;
  llm: boolean;
  tts: boolean;
  media: boolean;
  mail: boolean;
};

/**
 * What has no key gets a stand-in, one service at a time. An OpenAI- or Deepgram-compatible server of one's own
 * (Ollama and the like) needs an address but no key, so an address counts too; it says nothing about speech,
 * which such servers seldom do.
 */
export function chooseStandIns(settings: Settings): StandIns {
  const has = (name: string) => settings[name] !== undefined;
  return {
    database: !has('SUPABASE_URL'),
    stripe: !has('STRIPE_SECRET_KEY'),
    stt: !has('DEEPGRAM_API_KEY') && !has('DEEPGRAM_BASE_URL'),
    llm: !has('OPENAI_API_KEY') && !has('OPENAI_BASE_URL'),
    tts: !has('OPENAI_API_KEY') && !has('OPENAI_TTS_API_KEY') && !has('OPENAI_TTS_BASE_URL'),
    media: !has('LIVEKIT_URL'),
    mail: !has('SMTP_URL'),
  };
}

/** Whether calls are in English whatever the caller's language: no stand-in hears, thinks or speaks another. */
export const speaksEnglishOnly = ({ stt, llm, tts }: StandIns): boolean => stt || llm || tts;
