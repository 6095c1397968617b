import { randomUUID } from 'node:crypto';
import { Dictation } from '../../../agent/codes/dictation.ts';
import { ToolUses } from '../../../agent/measures/tool-uses.ts';
import { CallMemory } from '../../../agent/memory/call-memory.ts';
import { sentencesFor } from '../../../agent/sentences/sentences-for.ts';
import type { CallContext } from '../../../agent/tools/call-context.ts';
import { deriveActivationCode, hashActivationCode } from '../../../shared/activation-codes/keyed-hash.ts';
import { listPackages } from '../../../shared/catalogue/list-packages.ts';
import { FakeLine } from '../../agent/fake-call.ts';
import type { TestDatabase } from '../../support/database.ts';
import { accountOf, addPerson, giveTime } from '../../time/people.ts';
import type { Order, Reading } from '../checks/record.ts';
import type { Props, Scenario } from '../scenario.ts';

const KEY = 'an activation code key for tests only, of enough length';

/** Of a kind that no package has, so that a figure in an answer tells where it is from. */
const OWNED_SECONDS = 2846;
const USED_MS = 754_900;
export const CODE_SECONDS = 3600;

async function newCode(db: TestDatabase): Promise<string> {
  const id = randomUUID();
  const code = deriveActivationCode(KEY, id);
  await db.sql`insert into grants (id, unit, source, status, paid, bonus, remaining)
    values (${id}, 'second', 'bonus', 'unactivated', 0, ${CODE_SECONDS}, ${CODE_SECONDS})`;
  await db.sql`insert into activation_codes (card_id, code_hash) values (${id}, ${hashActivationCode(KEY, code)})`;
  return code;
}

async function newProps(db: TestDatabase): Promise<Props> {
  const [code, usedCode, other] = [await newCode(db), await newCode(db), await addPerson(db.sql)];
  await db.sql`select activate_time_card(${other}, ${hashActivationCode(KEY, usedCode)})`;
  const [first = '', second = '', third = ''] = code.match(/.{4}/g) ?? [];
  const slip = first + (second.startsWith('F') ? 'H' : 'F') + second.slice(1) + third;
  return { code, groups: [first, second, third], slip, usedCode };
}

/** Leaves in the database what earlier calls would have left. */
async function remember(db: TestDatabase, userId: string, texts: readonly string[]) {
  const facts: { id: string; text: string }[] = [];
  for (const text of texts) {
    const id = randomUUID();
    await db.sql`insert into caller_memories (id, user_id, text, kind, source)
      values (${id}, ${userId}, ${text}, 'fact', 'call')`;
    facts.push({ id, text });
  }
  return facts;
}

/** Somebody on the line, with time of their own and codes in their hand, on the real database. */
export async function newCaller(db: TestDatabase, { desk, noted = [], remembers = [] }: Scenario) {
  const userId = await addPerson(db.sql);
  const owned = desk ? 0 : OWNED_SECONDS;
  const facts = await remember(db, userId, noted);
  await remember(db, userId, remembers);
  if (owned > 0) await giveTime(db.sql, userId, owned);
  const balance = async () => (await accountOf(db.sql, userId)).balance;
  const line = new FakeLine('present');
  let remaining = owned;
  let goodbyes = 0;
  const context: CallContext = {
    callId: randomUUID(),
    userId,
    database: db.service,
    line,
    locale: 'en-US',
    sentences: sentencesFor('en-US'),
    pricing: () => listPackages(db.service),
    dictation: new Dictation(),
    activationCodeKey: KEY,
    memory: new CallMemory({ memoryEnabled: true, facts }),
    embedder: undefined,
    toolUses: new ToolUses(),
    startedAt: new Date(),
    meter: () => ({
      chargedMs: () => USED_MS,
      remainingSeconds: () => remaining,
      expiringSeconds: () => remaining,
      grant: { freeSeconds: remaining },
      async renew() {
        remaining = await balance();
      },
    }),
    sayGoodbye() {
      goodbyes++;
    },
  };
  return {
    context,
    line,
    props: await newProps(db),
    goodbyes: () => goodbyes,
    reading: (): Reading => ({
      remainingSeconds: remaining,
      usedSeconds: Math.floor(USED_MS / 1000),
      expiringSeconds: remaining,
    }),
    gainedSeconds: async () => (await balance()) - owned,
    memories: async () =>
      (await db.sql<{ text: string }[]>`select text from caller_memories where user_id = ${userId}`).map(
        ({ text }) => text,
      ),
    orders: async (): Promise<Order[]> => [
      ...(await db.sql<Order[]>`select package_id, amount_cents::int as amount_cents, status
        from purchases where user_id = ${userId} order by created_at`),
    ],
  };
}

export type Caller = Awaited<ReturnType<typeof newCaller>>;
