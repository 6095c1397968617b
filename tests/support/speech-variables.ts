import { TEST_KEYS } from './keys.ts';

/** What the agent is told of a database, and of a speech server that is every provider. */
export const speechVariables = (database: { gateway: { url: string } }, speech: { url: string }) => ({
  SUPABASE_URL: database.gateway.url,
  SUPABASE_SERVICE_ROLE_KEY: TEST_KEYS.secretKey,
  OPENAI_API_KEY: 'key',
  OPENAI_BASE_URL: `${speech.url}/v1`,
  DEEPGRAM_API_KEY: 'key',
  DEEPGRAM_BASE_URL: speech.url,
});
