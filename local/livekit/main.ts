import { z } from 'zod';
import { port } from '../../shared/config/kinds.ts';
import { readVariablesOrExit } from '../read-variables.ts';
import { startLiveKitServer } from './start-livekit-server.ts';

const environment = z.object({
  LIVEKIT_SERVER_BINARY: z.string().min(1),
  LIVEKIT_PORT: port(7880),
  LIVEKIT_RTC_UDP_PORT: port(7882),
  LIVEKIT_API_KEY: z.string().min(1),
  LIVEKIT_API_SECRET: z.string().min(32),
  LIVEKIT_WEBHOOK_URL: z.url().optional(),
  DATA_DIR: z.string().min(1),
});

const config = readVariablesOrExit(environment);
const server = await startLiveKitServer({
  binary: config.LIVEKIT_SERVER_BINARY,
  port: config.LIVEKIT_PORT,
  rtcUdpPort: config.LIVEKIT_RTC_UDP_PORT,
  apiKey: config.LIVEKIT_API_KEY,
  apiSecret: config.LIVEKIT_API_SECRET,
  dataDir: config.DATA_DIR,
  ...(config.LIVEKIT_WEBHOOK_URL && { webhookUrl: config.LIVEKIT_WEBHOOK_URL }),
});

let isStopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    isStopping = true;
    void server.stop();
  });
}
void server.exited.then((how) => {
  if (!isStopping)
    console.error(`livekit-server ended with ${how}: see ${config.DATA_DIR}/livekit-server.log`);
  process.exit(isStopping ? 0 : 1);
});
console.log(JSON.stringify({ ready: true, url: server.url }));
