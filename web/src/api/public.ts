import type { PageConfig } from '../../../shared/api/config.ts';
import type { PricingResponse } from '../../../shared/api/pricing.ts';
import { request } from './request.ts';

// What a visitor sees before anything else is not held against its schema: the library for that is a fifth of the page.

/** Addresses and public keys; needs no account. */
export const loadConfig = (signal: AbortSignal) => request('/config.json', { signal }) as Promise<PageConfig>;

/** The price list; needs no account. */
export const loadPricing = (signal: AbortSignal) =>
  request('/pricing', { signal }) as Promise<PricingResponse>;
