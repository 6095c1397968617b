import type { SidecarConfig } from '../../shared/config/variables.ts';
import { Fault } from '../../shared/errors.ts';

export type LiveKitConfig = { url: string; apiKey: string; apiSecret: string };

/** LiveKit's address and keys, or null where calls are not possible here. */
export function livekitConfig(config: SidecarConfig): LiveKitConfig | null {
  const { LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret } = config;
  if (url === undefined || apiKey === undefined || apiSecret === undefined) return null;
  return { url, apiKey, apiSecret };
}

/** @throws Fault `calls_unavailable` */
export function requireLiveKit(config: SidecarConfig): LiveKitConfig {
  const livekit = livekitConfig(config);
  if (livekit === null) throw new Fault('calls_unavailable');
  return livekit;
}
