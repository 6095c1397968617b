import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { findProject } from '../../commands/basics/project.ts';
import { freePort } from '../../local/free-port.ts';
import { findLiveKitServer } from '../../local/livekit/find-livekit-server.ts';
import { addPerson, giveTime } from '../../tests/time/people.ts';
import { KEYS } from '../start-server.ts';
import { type BenchProcess, startProcess } from './processes/start-process.ts';
import type { Stamp } from './providers/delays.ts';

const API_KEY = 'APIbenchmark';
const API_SECRET = 'a secret of the benchmark, 32 letters or more';
/** Ten hours: nobody's time runs out. */
const CARD_SECONDS = 36_000;
/** Renewals meet turns more often than with the usual half minute. */
export const SLICE_SECONDS = 10;

const script = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What every voice bench runs on: the media server, the database and scripted providers, each in processes of its own. */
export type VoiceStack = {
  livekit: { url: string; apiKey: string; apiSecret: string };
  gatewayUrl: string;
  providersUrl: string;
  sql: postgres.Sql;
  /** By name, those whose load is not the agent's. */
  processes: Record<'media server' | 'database' | 'providers', BenchProcess>;
  /** What the providers have seen since they were last asked. */
  takeStamps(): Promise<Stamp[]>;
  /** People with ten hours each; every call gets its own. */
  addPeople(amount: number): Promise<string[]>;
  [Symbol.asyncDispose](): Promise<void>;
};

function findServer(): string {
  const binary = findLiveKitServer(process.env, findProject(process.env).home);
  if (binary !== null) return binary;
  throw new Error('There is no livekit-server on this machine: ./launch.sh setup finds or builds one.');
}

async function addPeople(sql: postgres.Sql, amount: number): Promise<string[]> {
  const people: string[] = [];
  for (let index = 0; index < amount; index++) {
    const id = await addPerson(sql);
    await giveTime(sql, id, CARD_SECONDS);
    people.push(id);
  }
  return people;
}

function startAll(folder: string, binary: string, [port, udpPort]: readonly [number, number]) {
  return {
    'media server': startProcess('the media server', script('../../local/livekit/main.ts'), {
      LIVEKIT_SERVER_BINARY: binary,
      LIVEKIT_PORT: String(port),
      LIVEKIT_RTC_UDP_PORT: String(udpPort),
      LIVEKIT_API_KEY: API_KEY,
      LIVEKIT_API_SECRET: API_SECRET,
      DATA_DIR: folder,
    }),
    database: startProcess('the database', script('./processes/database-process.ts'), { DATA_DIR: folder }),
    providers: startProcess('the providers', script('./providers/providers-process.ts'), {}),
  };
}

/** @throws when there is no media server, or something does not start */
export async function startVoiceStack(): Promise<VoiceStack> {
  const binary = findServer();
  const folder = mkdtempSync(join(tmpdir(), 'mindbot-voice-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.on('exit', remove);
  const processes = startAll(folder, binary, [await freePort(), await freePort()]);
  const endAll = async () => {
    await Promise.all(Object.values(processes).map((one) => one.end()));
    remove();
    process.off('exit', remove);
  };
  try {
    const [livekit, database, providers] = await Promise.all(
      Object.values(processes).map((one) => one.ready(60_000)),
    );
    const sql = postgres(String(database?.databaseUrl), { max: 2, onnotice() {} });
    const providersUrl = String(providers?.url);
    return {
      livekit: { url: String(livekit?.url), apiKey: API_KEY, apiSecret: API_SECRET },
      gatewayUrl: String(database?.gatewayUrl),
      providersUrl,
      sql,
      processes,
      takeStamps: async () => (await (await fetch(`${providersUrl}/stamps`)).json()) as Stamp[],
      addPeople: (amount) => addPeople(sql, amount),
      async [Symbol.asyncDispose]() {
        await sql.end({ timeout: 1 });
        await endAll();
      },
    };
  } catch (error) {
    await endAll();
    throw error;
  }
}

/** What a worker on this stack reads; `key` is what its calls are told apart by at the providers. */
export function workerVariables(stack: VoiceStack, key: string): Record<string, string> {
  return {
    ENVIRONMENT: 'test',
    LOG_LEVEL: 'warn',
    LIVEKIT_URL: stack.livekit.url,
    LIVEKIT_API_KEY: API_KEY,
    LIVEKIT_API_SECRET: API_SECRET,
    SUPABASE_URL: stack.gatewayUrl,
    SUPABASE_SERVICE_ROLE_KEY: KEYS.secretKey,
    OPENAI_API_KEY: key,
    OPENAI_BASE_URL: `${stack.providersUrl}/v1`,
    DEEPGRAM_API_KEY: key,
    DEEPGRAM_BASE_URL: stack.providersUrl,
    SLICE_SECONDS: String(SLICE_SECONDS),
  };
}
