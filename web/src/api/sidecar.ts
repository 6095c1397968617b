import {
  type AnalyticsResponse,
  analyticsResponse,
  type BalanceResponse,
  balanceResponse,
} from '../../../shared/api/accounts.ts';
import { type TokenResponse, tokenResponse } from '../../../shared/api/calls.ts';
import { type PageConfig, pageConfig } from '../../../shared/api/config.ts';
import { type PricingResponse, pricingResponse } from '../../../shared/api/pricing.ts';
import { type CallsResponse, callsResponse } from '../../../shared/api/receipts.ts';
import {
  type ActivateResponse,
  activateResponse,
  type Gift,
  giftsResponse,
} from '../../../shared/api/time-cards.ts';
import { type Buying, connectBuying } from './buying.ts';
import { connectRemembering, type Remembering } from './remembering.ts';
import { request, requestHtml } from './request.ts';

const CALLS_ON_A_PAGE = 10;

/** Addresses and public keys; needs no account. */
export function loadConfig(signal?: AbortSignal): Promise<PageConfig> {
  return request(pageConfig, '/config.json', signal ? { signal } : {});
}

/** The price list; needs no account. */
export function loadPricing(signal?: AbortSignal): Promise<PricingResponse> {
  return request(pricingResponse, '/pricing', signal ? { signal } : {});
}

/** The sidecar's routes for one signed-in person. Every method throws ApiError. */
export interface Sidecar extends Buying, Remembering {
  balance(signal: AbortSignal): Promise<BalanceResponse>;
  analytics(signal: AbortSignal): Promise<AnalyticsResponse>;
  gifts(signal: AbortSignal): Promise<Gift[]>;
  /** Newest first; those before `before`, or the first page. */
  calls(signal: AbortSignal, before?: string): Promise<CallsResponse>;
  /** A whole HTML document. */
  receipt(callId: string, signal: AbortSignal): Promise<string>;
  activate(code: string): Promise<ActivateResponse>;
  callToken(): Promise<TokenResponse>;
}

/** `accessToken` is asked before every request, because a session's token is renewed about once an hour. */
export function connectSidecar(userId: string, accessToken: () => Promise<string>): Sidecar {
  const own = `/user/${encodeURIComponent(userId)}`;
  return {
    ...connectBuying(own, accessToken),
    ...connectRemembering(own, accessToken),
    async balance(signal) {
      return request(balanceResponse, `${own}/balance`, { accessToken: await accessToken(), signal });
    },
    async analytics(signal) {
      return request(analyticsResponse, `${own}/analytics`, { accessToken: await accessToken(), signal });
    },
    async gifts(signal) {
      const answer = await request(giftsResponse, `${own}/gifts`, {
        accessToken: await accessToken(),
        signal,
      });
      return answer.gifts;
    },
    async calls(signal, before) {
      const page = before === undefined ? '' : `&before=${encodeURIComponent(before)}`;
      const path = `${own}/calls?limit=${CALLS_ON_A_PAGE}${page}`;
      return request(callsResponse, path, { accessToken: await accessToken(), signal });
    },
    async receipt(callId, signal) {
      const path = `${own}/calls/${encodeURIComponent(callId)}/receipt`;
      return requestHtml(path, { accessToken: await accessToken(), signal });
    },
    async activate(code) {
      const body = { code };
      return request(activateResponse, '/activate', {
        method: 'POST',
        accessToken: await accessToken(),
        body,
      });
    },
    async callToken() {
      return request(tokenResponse, '/token', { method: 'POST', accessToken: await accessToken(), body: {} });
    },
  };
}
