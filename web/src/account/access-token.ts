import type { SupabaseClient } from '@supabase/supabase-js';
import { ApiError } from '../api/request.ts';

/** The token for the next request, renewed by the library when it is about to expire. Throws ApiError. */
export async function accessToken(supabase: SupabaseClient): Promise<string> {
  const { data } = await supabase.auth.getSession();
  if (!data.session) throw new ApiError('signed_out', 'You are signed out. Sign in again.', null, null);
  return data.session.access_token;
}
