export type LiveKitOptions = {
  /** HTTP and WebSocket. */
  port: number;
  /** Where voice goes, over UDP. */
  rtcUdpPort: number;
  apiKey: string;
  /** 32 characters or more, or the server refuses to sign with it. */
  apiSecret: string;
  /** Where room and participant events go, signed with the key pair. */
  webhookUrl?: string;
};

/**
 * The server's configuration (https://github.com/livekit/livekit/blob/master/config-sample.yaml), as JSON, which
 * is YAML too. Everything is held on loopback: on a laptop in a café nobody else may reach it.
 */
export function livekitConfig(options: LiveKitOptions): string {
  const { port, rtcUdpPort, apiKey, apiSecret, webhookUrl } = options;
  return JSON.stringify({
    port,
    bind_addresses: ['127.0.0.1'],
    keys: { [apiKey]: apiSecret },
    rtc: {
      // The server would listen for WebRTC over TCP on every interface, whatever it is told.
      tcp_port: 0,
      udp_port: rtcUdpPort,
      node_ip: '127.0.0.1',
      use_external_ip: false,
      enable_loopback_candidate: true,
      interfaces: { includes: ['lo', 'lo0'] },
      ips: { includes: ['127.0.0.1/32'] },
    },
    ...(webhookUrl && { webhook: { api_key: apiKey, urls: [webhookUrl] } }),
    logging: { json: true, level: 'info' },
  });
}
