import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { initializeLogger, voice } from '@livekit/agents';
import { createClient } from '@supabase/supabase-js';
import { z } from 'zod';
import { createCall } from '../agent/create-call.ts';
import { readCallerProfile } from '../agent/person/read-caller-profile.ts';
import { createInProcessLine } from '../local/caller/in-process-line.ts';
import type { BalanceResponse } from '../shared/api/accounts.ts';
import { callRoomName } from '../shared/api/calls.ts';
import type { CallConfig } from '../shared/config/variables.ts';
import { createDatabaseClient } from '../shared/database/client.ts';
import { createLogger } from '../shared/logging.ts';
import { spokenDuration } from '../shared/spoken/duration.ts';
import { parseOptions } from './basics/parse-options.ts';
import { findProject, ROOT } from './basics/project.ts';
import { callConfig } from './configuration/call-config.ts';
import { chooseStandIns, MODEL_NOTES } from './configuration/choose-stand-ins.ts';
import { readSettings } from './configuration/settings.ts';
import { ask, type Person, until } from './customer/ask-sidecar.ts';
import { buyForMe } from './customer/buy-package.ts';
import type { StatusDocument } from './supervisor/state-file.ts';
import { readLiveState } from './supervisor/state-file.ts';

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
async function terminalPerson(home: string, status: StatusDocument): Promise<Person> {
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

const YOU = 'You      ';

/** A call by text: the same agent, tools and meter, with the terminal for a line. Ends with the input, or when time is up. */
async function chat(config: CallConfig, person: Person): Promise<void> {
  initializeLogger({ pretty: false, level: 'error' });
  const { line, caller } = createInProcessLine();
  const callId = randomUUID();
  const database = createDatabaseClient(config.SUPABASE_URL, config.SUPABASE_SERVICE_ROLE_KEY);
  const logger = createLogger('call', config.LOG_LEVEL);
  const { call, session, remember } = await createCall({
    config,
    ticket: { callId, userId: person.id, roomName: callRoomName(callId) },
    database,
    line,
    caller: await readCallerProfile(database, person.id, logger),
    logger,
    media: { turnDetection: null, attach: () => ({}) },
  });
  session.on(voice.AgentSessionEventTypes.ConversationItemAdded, ({ item }) => {
    if (item.type === 'message' && item.role === 'assistant')
      console.log(`MindBot  ${item.textContent ?? ''}`);
  });
  const isTerminal = process.stdin.isTTY === true;
  const input = createInterface({ input: process.stdin, output: process.stdout, terminal: isTerminal });
  const ended = call.run().finally(() => input.close());
  input.setPrompt(YOU);
  if (isTerminal) input.prompt();
  try {
    for await (const text of input) {
      if (text.trim() === '/quit') break;
      // Lines from a pipe are not on the screen yet.
      if (!isTerminal) console.log(`${YOU}${text}`);
      if (text.trim() !== '') await session.run({ userInput: text }).wait();
      if (isTerminal) input.prompt();
    }
  } finally {
    await caller.hangUp();
  }
  const { reason, chargedSeconds } = await ended;
  await remember();
  console.log(
    `\nCall ended (${reason.replaceAll('_', ' ')}). Charged: ${spokenDuration(chargedSeconds ?? 0, 'en-US')}.`,
  );
}

parseOptions({ options: {} });
const project = findProject(process.env);

/** Runs another command of ours in this terminal. */
function command(name: string, ...args: string[]): void {
  const { status } = spawnSync(process.execPath, [join(ROOT, 'commands', `${name}.ts`), ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error(`${name} ended with status ${status}.`);
}

async function main(): Promise<void> {
  const wasRunning = readLiveState(project.home) !== undefined;
  if (!wasRunning) command('dev', '--detach');
  try {
    const status = readLiveState(project.home)?.status;
    if (!status) throw new Error('The local services did not start: see ./launch.sh doctor.');
    const person = await terminalPerson(project.home, status);
    const settings = readSettings(project.envFile, process.env);
    const config = callConfig(project.home, settings);
    // A start of ours has said it already.
    if (wasRunning && chooseStandIns(settings).llm) console.log(MODEL_NOTES.join('\n'));
    console.log('\nType to talk; the time is billed while you are here. Ctrl-D or /quit hangs up.\n');
    await chat(config, person);
  } finally {
    if (!wasRunning) command('stop');
  }
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
