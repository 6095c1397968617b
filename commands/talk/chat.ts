import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { initializeLogger, voice } from '@livekit/agents';
import { createCall } from '../../agent/create-call.ts';
import { readCallerProfile } from '../../agent/person/read-caller-profile.ts';
import { createInProcessLine } from '../../local/caller/in-process-line.ts';
import { callRoomName } from '../../shared/api/calls.ts';
import type { CallConfig } from '../../shared/config/variables.ts';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { createLogger } from '../../shared/logging.ts';
import { spokenDuration } from '../../shared/spoken/duration.ts';
import type { Person } from '../customer/ask-sidecar.ts';

const YOU = 'You      ';

/** A call by text: the same agent, tools and meter, with the terminal for a line. Ends with the input, or when time is up. */
export async function chat(config: CallConfig, person: Person): Promise<void> {
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
