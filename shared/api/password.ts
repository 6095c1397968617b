/** Of a new password: what `supabase/config.toml` asks of sign-ups, said by the page before it asks. */
export const LEAST_PASSWORD_LENGTH = 10;
