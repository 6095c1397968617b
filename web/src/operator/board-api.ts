import type { z } from 'zod';
import {
  type BusinessFigures,
  boardCallsResponse,
  businessResponse,
  type VoiceFigures,
  voiceResponse,
} from '../../../shared/api/board-figures.ts';
import {
  actsResponse,
  type BoardNow,
  type BoardPerson,
  boardNowResponse,
  boardPersonResponse,
  disputesResponse,
  doneResponse,
  findPeopleResponse,
  freezeResponse,
} from '../../../shared/api/board-people.ts';
import {
  boardRequestsResponse,
  boardSupportResponse,
  type SupportFigures,
} from '../../../shared/api/board-support.ts';
import {
  type CodeBatchRequest,
  codeBatchesResponse,
  codeBatchResponse,
  revokeBatchResponse,
} from '../../../shared/api/code-batches.ts';
import { goodwillResponse } from '../../../shared/api/goodwill.ts';
import {
  findingsResponse,
  refundResponse,
  replayResponse,
  reviewResponse,
  reviewsResponse,
  stripeEventsResponse,
} from '../../../shared/api/money-operations.ts';
import { dropItemResponse, retryItemResponse } from '../../../shared/api/outbox.ts';
import { operatorRequestResponse, supportResponse } from '../../../shared/api/support.ts';
import { checked } from '../api/checked.ts';
import { request, requestFile } from '../api/request.ts';

/** A range of time as the board's figures take it. */
export interface Range {
  from: string;
  to: string;
  step: 'hour' | 'day' | 'week' | 'month';
  zone: string;
}

const query = (values: object) =>
  new URLSearchParams(
    Object.entries(values).filter(([, value]) => value !== undefined) as [string, string][],
  ).toString();

const board = '/operator/board';

/** With a token of theirs. Every method throws ApiError. */
function connect(accessToken: () => Promise<string>) {
  return {
    get: async <T>(schema: z.ZodType<T>, path: string, signal?: AbortSignal): Promise<T> =>
      checked(
        schema,
        path,
        await request(path, { accessToken: await accessToken(), ...(signal && { signal }) }),
      ),
    post: async <T>(schema: z.ZodType<T>, path: string, body: object, key?: string): Promise<T> => {
      const headers = key === undefined ? {} : { 'idempotency-key': key };
      return checked(
        schema,
        path,
        await request(path, { method: 'POST', accessToken: await accessToken(), body, headers }),
      );
    },
    postForFile: async (path: string, body: object): Promise<Blob> =>
      requestFile(path, { method: 'POST', accessToken: await accessToken(), body }),
  };
}
type Connection = ReturnType<typeof connect>;

function questions({ get }: Connection) {
  return {
    now: (signal?: AbortSignal): Promise<BoardNow> => get(boardNowResponse, `${board}/now`, signal),
    business: (range: Range & { basis: string }, signal?: AbortSignal): Promise<BusinessFigures> =>
      get(businessResponse, `${board}/business?${query(range)}`, signal),
    voice: (range: Range, signal?: AbortSignal): Promise<VoiceFigures> =>
      get(voiceResponse, `${board}/voice?${query(range)}`, signal),
    calls: (
      asked: { from: string; to: string; order: string; version?: string | undefined },
      signal?: AbortSignal,
    ) => get(boardCallsResponse, `${board}/calls?${query(asked)}`, signal),
    findPeople: (text: string, signal?: AbortSignal) =>
      get(findPeopleResponse, `${board}/people?${query({ text })}`, signal),
    person: (userId: string, signal?: AbortSignal): Promise<BoardPerson> =>
      get(boardPersonResponse, `${board}/people/${encodeURIComponent(userId)}`, signal),
    acts: (signal?: AbortSignal) => get(actsResponse, `${board}/acts`, signal),
    disputes: (signal?: AbortSignal) => get(disputesResponse, `${board}/disputes`, signal),
    reviews: (signal?: AbortSignal) => get(reviewsResponse, '/operator/reviews', signal),
    findings: (signal?: AbortSignal) => get(findingsResponse, '/operator/reconciliation', signal),
    parkedEvents: (signal?: AbortSignal) => get(stripeEventsResponse, '/operator/stripe-events', signal),
    batches: (signal?: AbortSignal) => get(codeBatchesResponse, '/admin/code-batches', signal),
    requests: (asked: { status?: string; user_id?: string }, signal?: AbortSignal) =>
      get(supportResponse, `/operator/support?${query(asked)}`, signal),
    support: (range: Range, signal?: AbortSignal): Promise<SupportFigures> =>
      get(boardSupportResponse, `${board}/support?${query(range)}`, signal),
    requestsBehind: (
      asked: { from: string; to: string; about?: string; version?: string; provider?: string },
      signal?: AbortSignal,
    ) => get(boardRequestsResponse, `${board}/requests?${query(asked)}`, signal),
  };
}

function acts({ post, postForFile }: Connection) {
  return {
    retryJob: (jobId: string, reason: string) =>
      post(retryItemResponse, `/operator/outbox/${jobId}/retry`, { reason }),
    dropJob: (jobId: string, reason: string) =>
      post(dropItemResponse, `/operator/outbox/${jobId}/drop`, { reason }),
    replay: (eventId: string, reason: string) =>
      post(replayResponse, `/operator/stripe-events/${encodeURIComponent(eventId)}/replay`, { reason }),
    issueCodes: (batch: CodeBatchRequest, key: string) =>
      post(codeBatchResponse, '/admin/code-batches', batch, key),
    /** CSV, once. */
    exportCodes: (batchId: string, reason: string): Promise<Blob> =>
      postForFile(`/admin/code-batches/${batchId}/export`, { reason }),
    revokeCodes: (batchId: string, reason: string) =>
      post(revokeBatchResponse, `/admin/code-batches/${batchId}/revoke`, { reason }),
    endCall: (callId: string, reason: string) =>
      post(doneResponse, `${board}/calls/${callId}/end`, { reason }),
    freeze: (userId: string, isFrozen: boolean, reason: string) =>
      post(freezeResponse, `${board}/people/${userId}/freeze`, { is_frozen: isFrozen, reason }),
    erase: (userId: string, reason: string) =>
      post(doneResponse, `${board}/people/${userId}/erase`, { reason }),
    /** @param key the same one for a repeat of the same grant */
    goodwill: (userId: string, seconds: number, reason: string, key: string) =>
      post(goodwillResponse, `/operator/users/${userId}/goodwill`, { seconds, reason }, key),
    /** @param cents of the currency that was received; undefined for all that is left */
    refund: (purchaseId: string, cents: number | undefined, reason: string, key: string) =>
      post(
        refundResponse,
        `/operator/purchases/${purchaseId}/refund`,
        { reason, ...(cents !== undefined && { amount_cents: cents }) },
        key,
      ),
    review: (purchaseId: string, decision: 'release' | 'refuse', reason: string) =>
      post(reviewResponse, `/operator/purchases/${purchaseId}/review`, { decision, reason }),
    answer: (requestId: string, answer: string) =>
      post(operatorRequestResponse, `/operator/support/${requestId}/answer`, { answer }),
    close: (requestId: string, reason: string) =>
      post(operatorRequestResponse, `/operator/support/${requestId}/close`, { reason }),
  };
}

/** What operators ask and do. */
export function connectBoard(accessToken: () => Promise<string>) {
  const connection = connect(accessToken);
  return { ...questions(connection), ...acts(connection) };
}

export type Board = ReturnType<typeof connectBoard>;
