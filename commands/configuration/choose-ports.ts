import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../local/free-port.ts';
import { type FileLock, lockFile } from '../supervisor/lock-file.ts';
import type { StandIns } from './choose-stand-ins.ts';
import type { Settings } from './settings.ts';

const ATTEMPTS = 20;

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
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = await find(attempt === 0 ? wanted : 0);
    const claim = lockFile(join(folder, String(port)));
    if (claim === undefined) continue;
    claims.push(claim);
    return port;
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
};

export type Ports = typeof DEFAULT_PORTS;
export type PortName = keyof Ports;

const FROM_SETTINGS: Partial<Record<PortName, string>> = {
  sidecar: 'SIDECAR_PORT',
  health: 'HEALTH_CHECK_PORT',
  metrics: 'PROMETHEUS_PORT',
};

async function freeUdpPort(preferred: number): Promise<number> {
  for (const port of [preferred, 0]) {
    const socket = createSocket('udp4');
    try {
      socket.bind(port, '127.0.0.1');
      await once(socket, 'listening');
      return socket.address().port;
    } catch {
      // Taken: the next try takes what the system gives.
    } finally {
      socket.close();
    }
  }
  throw new Error('No free UDP port on 127.0.0.1.');
}

function wantedPort(name: PortName, settings: Settings): number {
  const variable = FROM_SETTINGS[name];
  const value = variable === undefined ? undefined : settings[variable];
  return value !== undefined && /^\d{1,5}$/.test(value) ? Number(value) : DEFAULT_PORTS[name];
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
    ...(hasSpeech ? (['speech'] as const) : []),
  ];
}

const FREE = {
  tcp: (wanted: number) => claimPort(freePort, wanted),
  udp: (wanted: number) => claimPort(freeUdpPort, wanted),
};

/**
 * A port for each name: the wanted one, or a free one where somebody already listens or is about to.
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
    // The system may give a port again that it gave a moment ago, as nobody listens there yet.
    for (let attempt = 0; given.has(to) && attempt < 20; attempt++) to = await find(0);
    given.add(to);
    ports[name] = to;
    if (from !== 0 && from !== to) moved.push({ name, from, to });
  }
  return { ports, moved };
}
