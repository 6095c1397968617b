import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort, nextPort } from '../../local/free-port.ts';
import { type FileLock, lockFile } from '../supervisor/lock-file.ts';
import type { StandIns } from './choose-stand-ins.ts';
import type { Settings } from './settings.ts';

const ATTEMPTS = 20;

/** Where to look next; beyond the last port, wherever the system likes. */
const after = (port: number) => (port < 65_535 ? port + 1 : 0);

/** Held until this process ends; without a reference they would be collected, and let go. */
const claims: FileLock[] = [];

/**
 * Finds a port that nobody listens on and that no other start on this machine has chosen: services listen a second or
 * more after their ports were chosen, and until then a second start would choose the same.
 * @param find answers the wanted port if it is free, else another one
 * @throws Error when every port that is found was chosen by somebody else
 */
export async function claimPort(find: (wanted: number) => Promise<number>, wanted: number): Promise<number> {
  const folder = join(tmpdir(), `mindbot-ports-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let next = wanted;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = await find(next);
    const claim = lockFile(join(folder, String(port)));
    if (claim !== undefined) {
      claims.push(claim);
      return port;
    }
    next = after(port);
  }
  throw new Error('No free port on 127.0.0.1 that no other start has chosen.');
}

/** Where everybody listens on 127.0.0.1 when nobody else does. */
export const DEFAULT_PORTS = {
  sidecar: 8003,
  health: 8090,
  metrics: 8080,
  livekit: 7880,
  livekitUdp: 7882,
  supabase: 54321,
  postgres: 54322,
  stripe: 12111,
  speech: 8011,
  mailbox: 8025,
  smtp: 1025,
  chain: 8545,
  facilitator: 8546,
};

export type Ports = typeof DEFAULT_PORTS;
export type PortName = keyof Ports;

/** Which variable says where something listens. */
export const FROM_SETTINGS: Partial<Record<PortName, string>> = {
  sidecar: 'SIDECAR_PORT',
  health: 'HEALTH_CHECK_PORT',
  metrics: 'PROMETHEUS_PORT',
};

async function tryUdpPort(port: number): Promise<number | undefined> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    return socket.address().port;
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}

async function freeUdpPort(preferred: number): Promise<number> {
  const port = await nextPort(preferred, tryUdpPort);
  if (port === undefined) throw new Error('No free UDP port on 127.0.0.1.');
  return port;
}

function wantedPort(name: PortName, settings: Settings): number {
  const variable = FROM_SETTINGS[name];
  const value = variable === undefined ? undefined : settings[variable];
  // What is no port is told by the check of the configuration.
  const isPort = value !== undefined && /^\d{1,5}$/.test(value) && Number(value) <= 65_535;
  return isPort ? Number(value) : DEFAULT_PORTS[name];
}

/**
 * The ports that a run will listen on.
 * @param hasLocalMedia whether a LiveKit server runs here
 */
export function neededPorts(standIns: StandIns, hasLocalMedia: boolean): PortName[] {
  const hasAgent = hasLocalMedia || !standIns.media;
  const hasSpeech = standIns.stt || standIns.llm || standIns.tts;
  return [
    'sidecar',
    ...(hasAgent ? (['health', 'metrics'] as const) : []),
    ...(hasLocalMedia ? (['livekit', 'livekitUdp'] as const) : []),
    ...(standIns.database ? (['supabase', 'postgres'] as const) : []),
    ...(standIns.stripe ? (['stripe'] as const) : []),
    ...(standIns.mail ? (['mailbox', 'smtp'] as const) : []),
    ...(standIns.chain ? (['chain', 'facilitator'] as const) : []),
    ...(hasSpeech ? (['speech'] as const) : []),
  ];
}

const FREE = {
  tcp: (wanted: number) => claimPort(freePort, wanted),
  udp: (wanted: number) => claimPort(freeUdpPort, wanted),
};

/**
 * A port for each name: the wanted one, or the next free one where somebody already listens or is about to.
 * @returns the ports (those not asked for stay as they are), and which of them are not the wanted ones
 */
export async function choosePorts(
  names: readonly PortName[],
  settings: Settings,
  free = FREE,
): Promise<{ ports: Ports; moved: { name: PortName; from: number; to: number }[] }> {
  const ports = { ...DEFAULT_PORTS };
  const moved: { name: PortName; from: number; to: number }[] = [];
  const given = new Set<number>();
  for (const name of names) {
    const from = wantedPort(name, settings);
    const find = name === 'livekitUdp' ? free.udp : free.tcp;
    let to = await find(from);
    // What was given a moment ago is still free, as nobody listens there yet.
    for (let attempt = 0; given.has(to) && attempt < ATTEMPTS; attempt++) to = await find(after(to));
    given.add(to);
    ports[name] = to;
    if (from !== 0 && from !== to) moved.push({ name, from, to });
  }
  return { ports, moved };
}
