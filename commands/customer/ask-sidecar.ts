import { randomUUID } from 'node:crypto';
import { createClient } from '@supabase/supabase-js';
import type { StatusDocument } from '../supervisor/state-file.ts';

export type Person = { name: string; id: string; accessToken: string };

/** Signs a new person up, as the page does. */
export async function signUp(status: StatusDocument, name: string): Promise<Person> {
  const { url, publishable_key } = status.supabase;
  const client = createClient(url, publishable_key, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const email = `${name.toLowerCase()}.${randomUUID().slice(0, 8)}@example.com`;
  const { data, error } = await client.auth.signUp({ email, password: randomUUID() });
  if (error) throw error;
  if (!data.user || !data.session)
    throw new Error('The sign-up wants a confirmation by e-mail; the demo cannot give one.');
  return { name, id: data.user.id, accessToken: data.session.access_token };
}

/**
 * Asks the sidecar as a person.
 * @throws Error with the sidecar's own sentence
 */
export async function ask<Answer>(
  status: StatusDocument,
  person: Person,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${status.sidecar.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${person.accessToken}`,
      'content-type': 'application/json',
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Answer & { error?: { message: string } };
  if (!response.ok) throw new Error(`${path}: ${answer.error?.message ?? response.status}`);
  return answer;
}

/** Asks again until the answer is what was waited for. */
export async function until<Answer>(
  what: string,
  look: () => Promise<Answer | undefined>,
  deadlineMs = 20_000,
): Promise<Answer> {
  const endMs = performance.now() + deadlineMs;
  while (performance.now() < endMs) {
    const answer = await look();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${what} did not happen within ${deadlineMs / 1000} s.`);
}
