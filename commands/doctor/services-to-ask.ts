import type { Settings } from '../configuration/settings.ts';

/** A service to ask for something that needs its key and changes nothing. */
export type Probe = {
  name: string;
  keyName: string;
  url: string;
  headers: Record<string, string>;
  notFound?: string;
  /** A server of the operator's own that speaks only as much of the protocol as a call needs. */
  mayKnowNothing?: true;
};

const OPENAI = 'https://api.openai.com/v1';
const DEEPGRAM = 'https://api.deepgram.com';

/** Who speaks OpenAI's protocol. A server of the operator's own may need no key. */
function openAI(name: string, prefix: string, { url, key }: { url?: string; key?: string }): Probe {
  return {
    name,
    keyName: `${prefix}_API_KEY`,
    url: `${url ?? OPENAI}/models`,
    headers: { authorization: `Bearer ${key ?? 'none'}` },
  };
}

function deepgram(name: string, prefix: string, { url, key }: { url?: string; key?: string }): Probe {
  return {
    name,
    keyName: `${prefix}_API_KEY`,
    url: `${(url ?? DEEPGRAM).replace(/^ws/, 'http')}/v1/projects`,
    headers: { authorization: `Token ${key ?? 'none'}` },
  };
}

/** The first service for each part of speech is asked when it has a key, the others when they have an address. */
function speechServices(settings: Settings): (Probe | false)[] {
  const at = (prefix: string) => {
    const [url, key] = [settings[`${prefix}_BASE_URL`], settings[`${prefix}_API_KEY`]];
    return { ...(url !== undefined && { url }), ...(key !== undefined && { key }) };
  };
  const isSet = (name: string) => settings[name] !== undefined;
  return [
    isSet('OPENAI_API_KEY') && openAI('OpenAI', 'OPENAI', at('OPENAI')),
    isSet('OPENAI_TTS_API_KEY') && openAI('The voice', 'OPENAI_TTS', at('OPENAI_TTS')),
    isSet('EMBEDDING_BASE_URL') && openAI('The embeddings', 'EMBEDDING', at('EMBEDDING')),
    isSet('OPENAI_FALLBACK_BASE_URL') && {
      ...openAI('The fallback of OpenAI', 'OPENAI_FALLBACK', at('OPENAI_FALLBACK')),
      mayKnowNothing: true,
    },
    isSet('OPENAI_TTS_FALLBACK_BASE_URL') && {
      ...openAI('The fallback of the voice', 'OPENAI_TTS_FALLBACK', at('OPENAI_TTS_FALLBACK')),
      mayKnowNothing: true,
    },
    isSet('DEEPGRAM_API_KEY') && deepgram('Deepgram', 'DEEPGRAM', at('DEEPGRAM')),
    isSet('DEEPGRAM_FALLBACK_BASE_URL') && {
      ...deepgram('The fallback of Deepgram', 'DEEPGRAM_FALLBACK', at('DEEPGRAM_FALLBACK')),
      mayKnowNothing: true,
    },
  ];
}

/** The real services that are configured. */
export function servicesToAsk(settings: Settings): Probe[] {
  const { SUPABASE_URL, SUPABASE_SERVICE_ROLE_KEY, STRIPE_SECRET_KEY } = settings;
  const found: (Probe | false | undefined)[] = [
    SUPABASE_URL && SUPABASE_SERVICE_ROLE_KEY
      ? {
          name: 'Supabase',
          keyName: 'SUPABASE_SERVICE_ROLE_KEY',
          url: `${SUPABASE_URL}/rest/v1/pricing_tiers?select=id&limit=1`,
          headers: {
            apikey: SUPABASE_SERVICE_ROLE_KEY,
            authorization: `Bearer ${SUPABASE_SERVICE_ROLE_KEY}`,
          },
          notFound: 'the tables of MindBot are not there',
        }
      : undefined,
    STRIPE_SECRET_KEY !== undefined && {
      name: 'Stripe',
      keyName: 'STRIPE_SECRET_KEY',
      url: `${settings.STRIPE_API_URL ?? 'https://api.stripe.com'}/v1/account`,
      headers: { authorization: `Bearer ${STRIPE_SECRET_KEY}` },
    },
    ...speechServices(settings),
  ];
  return found.filter((item): item is Probe => typeof item === 'object' && URL.canParse(item.url));
}
