import { z } from 'zod';
import { keySetUrl } from '../http/verify-access-token.ts';

const TIMEOUT_MS = 5_000;
const keySet = z.object({ keys: z.array(z.unknown()) });

/**
 * A project that signs with a shared secret publishes no keys: without the secret every token of everybody is refused,
 * while all else looks well.
 * @returns what is wrong, in a sentence; null where all is well, or where the key set does not answer
 */
export async function findSigningProblem(settings: {
  SUPABASE_URL: string;
  SUPABASE_JWT_SECRET?: string | undefined;
}): Promise<string | null> {
  if (settings.SUPABASE_JWT_SECRET !== undefined) return null;
  try {
    const response = await fetch(keySetUrl(settings.SUPABASE_URL), {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) return null;
    if (keySet.parse(await response.json()).keys.length > 0) return null;
  } catch {
    return null;
  }
  return 'SUPABASE_JWT_SECRET: is missing, and the project publishes no signing keys, so that every access token would be refused';
}
