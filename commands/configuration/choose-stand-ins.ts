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
  /** Only where it is asked for: nobody needs one to talk. */
  chain?: boolean;
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
    ...(settings.LOCAL_CHAIN === 'true' && !has('X402_FACILITATOR_URL') && { chain: true }),
  };
}

/** What to know of a bare machine before the first call: who answers there, and how to put a model in its place. */
export const MODEL_NOTES: readonly string[] = [
  'The language model here is a matcher of intents: it knows the agent’s tools and a little small talk, no more.',
  'For a model of your own, such as one of Ollama, start with one line:',
  '  OPENAI_BASE_URL=http://127.0.0.1:11434/v1 OPENAI_MODEL=<model> ./launch.sh dev',
  'or set OPENAI_API_KEY in .env.',
];

/** Whether calls are in English whatever the caller's language: no stand-in hears, thinks or speaks another. */
export const speaksEnglishOnly = ({ stt, llm, tts }: StandIns): boolean => stt || llm || tts;
