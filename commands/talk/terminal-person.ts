import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@supabase/supabase-js';
import { z } from 'zod';
import type { BalanceResponse } from '../../shared/api/accounts.ts';
import type { StatusDocument } from '../configuration/status-document.ts';
import { ask, type Person, until } from '../customer/ask-sidecar.ts';
import { buyForMe } from '../customer/buy-package.ts';

const credentialsSchema = z.object({ email: z.string(), password: z.string() });

/** The e-mail and password to sign in with: MINDBOT_EMAIL and MINDBOT_PASSWORD, or a local person's own. */
function credentials(home: string, isLocal: boolean): z.infer<typeof credentialsSchema> {
  const { MINDBOT_EMAIL: email, MINDBOT_PASSWORD: password } = process.env;
  if (email && password) return { email, password };
  if (!isLocal) {
    throw new Error('Set MINDBOT_EMAIL and MINDBOT_PASSWORD to the account you want to talk with.');
  }
  const file = join(home, 'terminal-person.json');
  if (existsSync(file)) return credentialsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const made = { email: `terminal.${randomUUID().slice(0, 8)}@example.com`, password: randomUUID() };
  writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}

/** Signs in, or up the first time. On local stand-ins an hour is bought when none is left, as no money moves. */
export async function terminalPerson(home: string, status: StatusDocument): Promise<Person> {
  const isLocal = status.supabase.secret_key !== null;
  const { email, password } = credentials(home, isLocal);
  const options = { auth: { persistSession: false, autoRefreshToken: false } };
  const { auth } = createClient(status.supabase.url, status.supabase.publishable_key, options);
  const signedIn = await auth.signInWithPassword({ email, password });
  const { data, error } = signedIn.error && isLocal ? await auth.signUp({ email, password }) : signedIn;
  if (error) throw error;
  if (!data.user || !data.session) throw new Error('This account must be confirmed by e-mail first.');
  const person = { name: 'You', id: data.user.id, accessToken: data.session.access_token };
  const balance = () => ask<BalanceResponse>(status, person, `/user/${person.id}/balance`);
  if ((await balance()).balance_seconds === 0 && status.stripe.secret_key !== null) {
    await buyForMe(status, person, 'starter');
    await until('The time card', async () => ((await balance()).balance_seconds > 0 ? true : undefined));
    console.log('Bought a Starter card with a test card of the local payment stand-in.');
  }
  return person;
}
