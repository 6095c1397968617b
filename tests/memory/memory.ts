import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { z } from 'zod';

/** A word that nobody said before; without digits, because a row of those is taken for a card number now and then. */
export const newWord = (): string =>
  randomUUID().replace(/[\d-]/g, (symbol) => 'ghijklmnop'[Number(symbol)] ?? '');

export type Fact = {
  text: string;
  kind: 'fact' | 'preference';
  embedding?: number[];
  model?: string;
  replaces?: string;
};
export const fact = (text: string, more: Partial<Fact> = {}): Fact => ({ text, kind: 'fact', ...more });

const foundSchema = z.object({
  status: z.literal('found'),
  facts: z.array(z.object({ id: z.uuid(), text: z.string(), kind: z.string(), score: z.number() })),
});

/** A call of a person's, opened now, and open or else over since hours: memory asks for nothing else of it. */
export async function addCall(sql: postgres.ISql, userId: string, isLongOver = false): Promise<string> {
  const id = randomUUID();
  await sql`
    insert into public.calls (id, user_id, room_name, opened_at) values (${id}, ${userId}, ${id}, clock_timestamp())`;
  if (isLongOver) {
    await sql`update public.calls set status = 'settled', epoch = 1, used_ms = 0, restored_ms = 0, charged_seconds = 0, receipt = '{}',
      ended_at = now() - interval '2 hours' where id = ${id}`;
  }
  return id;
}

/** What the functions of memory say, called as the agent and the sidecar call them. */
export function memoryOf(sql: postgres.ISql, userId: string) {
  const answer = (rows: postgres.Row[]) => rows[0]?.answer as { status: string } & Record<string, unknown>;
  return {
    remember: async (callId: string, facts: unknown) =>
      answer(
        await sql`select remember_facts(${callId}, ${userId}, ${sql.json(facts as postgres.JSONValue)}) as answer`,
      ),
    /** In a call of its own. */
    async tell(...facts: Fact[]) {
      return this.remember(await addCall(sql, userId), facts);
    },
    search: async (
      query: string | null,
      more: { embedding?: number[]; model?: string; limit?: number } = {},
    ) =>
      foundSchema.parse(
        answer(
          await sql`select search_memories(${userId}, ${query}, ${more.embedding ?? null}::real[],
          ${more.model ?? null}, ${more.limit ?? null}) as answer`,
        ),
      ).facts,
    correct: async (id: string, text: string) =>
      answer(await sql`select correct_memory(${userId}, ${id}, ${text}) as answer`),
    /** @param callId the call in which the person asks for it, none for the page */
    erase: async (id: string, callId: string | null = null) =>
      answer(await sql`select erase_memory(${userId}, ${id}, ${callId}) as answer`),
    eraseAll: async () => answer(await sql`select erase_all_memories(${userId}) as answer`),
    turn: async (on: boolean) =>
      answer(await sql`select write_settings(${userId}, p_memory_enabled => ${on}) as answer`),
    readCaller: async (facts: number | null = null, callId: string | null = null) =>
      answer(await sql`select read_caller(${userId}, ${facts}, ${callId}) as answer`),
    rows: async () => [
      ...(await sql<
        { id: string; text: string; source: string; embedding: number[] | null; call_id: string }[]
      >`
        select id, text, source, embedding, call_id from public.caller_memories where user_id = ${userId}
        order by updated_at desc, id desc`),
    ],
    async texts() {
      return (await this.rows()).map(({ text }) => text);
    },
    async idOf(text: string) {
      const row = (await this.rows()).find((one) => one.text === text);
      if (row === undefined) throw new Error(`not remembered: ${text}`);
      return row.id;
    },
  };
}

export type MemoryOf = ReturnType<typeof memoryOf>;
