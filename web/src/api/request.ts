import type { ErrorResponse } from '../../../shared/api/error.ts';
import { noteAnswer } from './connection.ts';

const TIMEOUT_MS = 15_000;
const FILE_TIMEOUT_MS = 300_000;

/** What went wrong with a request, in words for the person at the page. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  /** HTTP status, or null when there was no answer at all. */
  readonly status: number | null;
  readonly requestId: string | null;

  constructor(code: string, message: string, status: number | null, requestId: string | null) {
    super(message);
    this.code = code;
    this.status = status;
    this.requestId = requestId;
  }
}

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  accessToken?: string;
  headers?: Record<string, string>;
  body?: unknown;
  signal?: AbortSignal;
}

/**
 * One JSON request to the sidecar, on the page's own origin. Throws ApiError; throws the signal's reason when the caller
 * gave up.
 */
export async function request(path: string, options: RequestOptions = {}): Promise<unknown> {
  const answer = await send(path, options);
  const body = await readJson(answer, options.signal);
  if (!answer.ok) throw refusal(answer, body);
  return body;
}

/** One document of the sidecar, as text. Throws as `request` does. */
export async function requestHtml(path: string, options: RequestOptions): Promise<string> {
  const answer = await send(path, { ...options, headers: { accept: 'text/html' } });
  if (!answer.ok) throw refusal(answer, await readJson(answer, options.signal));
  try {
    return await answer.text();
  } catch (error) {
    throw noAnswer(error, options.signal);
  }
}

/** A file of the sidecar, which may take long. Throws as `request` does. */
export async function requestFile(path: string, options: RequestOptions): Promise<Blob> {
  const answer = await send(path, options, FILE_TIMEOUT_MS);
  if (!answer.ok) throw refusal(answer, await readJson(answer, options.signal));
  try {
    return await answer.blob();
  } catch (error) {
    throw noAnswer(error, options.signal);
  }
}

async function send(path: string, options: RequestOptions, timeoutMs = TIMEOUT_MS): Promise<Response> {
  const headers = new Headers({
    accept: 'application/json',
    // Mails and receipts speak the language that the page is read in.
    'accept-language': document.documentElement.lang,
    ...options.headers,
  });
  if (options.accessToken) headers.set('authorization', `Bearer ${options.accessToken}`);
  if (options.body !== undefined) headers.set('content-type', 'application/json');
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await fetch(path, {
      method: options.method ?? 'GET',
      headers,
      body: options.body === undefined ? null : JSON.stringify(options.body),
      signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
    });
    noteAnswer(!isOfProxy(answer));
    return answer;
  } catch (error) {
    throw noAnswer(error, options.signal);
  }
}

async function readJson(answer: Response, signal: AbortSignal | undefined): Promise<unknown> {
  try {
    return await answer.json();
  } catch (error) {
    // A proxy's HTML error page: the status says more than the body.
    if (error instanceof SyntaxError) return null;
    throw noAnswer(error, signal);
  }
}

/** What stands before a service that is away answers for it, and not in JSON. */
function isOfProxy({ status, headers }: Response): boolean {
  return status >= 502 && status <= 504 && !headers.get('content-type')?.includes('json');
}

/** Whether an error is that there was no answer: the page says so once, above all rooms. */
export const isNoAnswer = (error: unknown): boolean => error instanceof ApiError && error.status === null;

function noAnswer(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  noteAnswer(false);
  const late = error instanceof DOMException && error.name === 'TimeoutError';
  return late
    ? new ApiError('timeout', 'The server took too long to answer. Try again.', null, null)
    : noConnection();
}

const noConnection = () =>
  new ApiError('network', 'The server cannot be reached. Check the connection and try again.', null, null);

function refusal(answer: Response, body: unknown): ApiError {
  const told = (body as Partial<ErrorResponse> | null)?.error;
  if (typeof told?.code === 'string' && typeof told.message === 'string') {
    return new ApiError(told.code, told.message, answer.status, told.request_id ?? null);
  }
  if (isOfProxy(answer)) return noConnection();
  return new ApiError('http', `The server answered with status ${answer.status}.`, answer.status, null);
}
