import { Agent, setGlobalDispatcher } from 'undici';

/** Longer than people speak or think between two turns, shorter than the providers' own limits. */
const IDLE_MS = 60_000;

/**
 * Keeps connections of this process's `fetch` open between the turns of a call. Node's own limit is 4 s
 * (https://undici.nodejs.org/#/docs/api/Client, keepAliveTimeout): most turns would begin with a TLS handshake.
 */
export function keepConnections(): void {
  setGlobalDispatcher(new Agent({ keepAliveTimeout: IDLE_MS }));
}
