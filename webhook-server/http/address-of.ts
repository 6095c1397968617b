import type { Request } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';

/** A household or a rented server gets a network of this size, and could take another address for each request. */
const IPV6_NETWORK = 56;

/**
 * Where a request comes from: an IPv4 address, or the network of an IPv6 one. Behind proxies it is what the outermost
 * of those that are configured (PROXIES_IN_FRONT) has seen; what lies before it is the client's own word.
 */
export function addressOf(request: Request): string {
  return ipKeyGenerator(request.ip ?? '', IPV6_NETWORK);
}
