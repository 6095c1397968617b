import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';

export type Owner = 'person' | 'tenant' | 'agent' | 'seller';
/** What a function of wallets answers. */
type WalletAnswer = { status: string; repeated?: boolean } & Record<string, number | string>;

/** What other functions call in SQL, as a test calls it. */
export function walletsOf(sql: postgres.ISql) {
  const answered = async (rows: PromiseLike<postgres.Row[]>) => (await rows)[0]?.answer as WalletAnswer;
  return {
    async of(kind: Owner, ownerId: string): Promise<string> {
      return (await sql`select private.wallet(${kind}, ${ownerId}) as id`)[0]?.id;
    },
    async topUp(walletId: string, micros: number, key: string = randomUUID()) {
      await sql`select private.credit_wallet(${walletId}, 'top_up', ${micros}, ${key})`;
    },
    hold(walletId: string, micros: number, sellerId: string | null, key: string = randomUUID()) {
      return answered(sql`select private.hold_micros(${walletId}, ${micros}, ${key}, ${sellerId}) as answer`);
    },
    settle: (holdId: string, micros: number) =>
      answered(sql`select private.settle_micros(${holdId}, ${micros}) as answer`),
    release: (holdId: string) => answered(sql`select private.release_micros(${holdId}) as answer`),
    refund: (holdId: string, micros: number | null = null, key: string = randomUUID()) =>
      answered(sql`select private.refund_micros(${holdId}, ${key}, ${micros}) as answer`),
    transfer: (fromId: string, toId: string, micros: number, key: string = randomUUID()) =>
      answered(sql`select private.transfer_micros(${fromId}, ${toId}, ${micros}, ${key}) as answer`),
    async reap(holdId: string) {
      await sql`update wallet_holds set expires_at = now() - interval '1 second' where id = ${holdId} and status = 'held'`;
      await sql`select reap_wallet_holds()`;
    },
    /** What a payout does with what a seller has. */
    async payOut(walletId: string, micros: number) {
      await sql`select private.take_from_grants(${walletId}, ${micros}, 'payout', ${`payout:${randomUUID()}`})`;
    },
    /** What an owner has, less what it owes. */
    async has(walletId: string): Promise<{ net: number; held: number }> {
      const [row] =
        await sql`select (balance - debt)::float8 as net, (select coalesce(sum(amount), 0)::float8 from wallet_holds
        where account_id = a.id and status = 'held') as held from accounts a where id = ${walletId}`;
      return row as { net: number; held: number };
    },
    async books(): Promise<Record<string, number> & { by_owner: Record<string, number> }> {
      return (await sql`select wallet_books() as books`)[0]?.books;
    },
  };
}

/** A seller who is a person of their own. @returns the seller's id */
export async function addSeller(sql: postgres.ISql, userId: string, feeBps = 500): Promise<string> {
  const [row] =
    await sql`insert into sellers (user_id, name, fee_bps) values (${userId}, 'Weather Ltd', ${feeBps}) returning id`;
  return row?.id;
}

export async function addAgent(sql: postgres.ISql, userId: string | null = null): Promise<string> {
  const [row] = await sql`insert into autonomous_agents (user_id, agent_name, agent_type, daily_budget)
    values (${userId}, 'Data miner', 'api_consumer', 50) returning id`;
  return row?.id;
}
