/** What is left of the plan of the tenant, where an API key asked. */
export type Quota = {
  plan_id: string | null;
  /** Requests in the period; null: as many as you like. */
  limit: number | null;
  remaining: number | null;
  resets_at: string;
  per_minute: number;
  remaining_in_minute: number;
};

type Told = { code: string; message: string; request_id: string; quota?: Quota };

/** A refusal of the API: its code is for programs, its message says what to do. */
export class MindBotError extends Error {
  /** `no_answer` where there was none. */
  readonly code: string;
  /** The HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** Tell it to whoever runs the service. */
  readonly requestId: string | undefined;
  readonly quota: Quota | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly response: Response | undefined;

  constructor(told: Partial<Told>, response?: Response, cause?: unknown) {
    super(told.message ?? 'The service gave no answer.', { cause });
    this.name = 'MindBotError';
    this.code = told.code ?? (response === undefined ? 'no_answer' : 'http');
    this.status = response?.status ?? 0;
    this.requestId = told.request_id ?? response?.headers.get('x-request-id') ?? undefined;
    this.quota = told.quota;
    this.retryAfterSeconds = retryAfterOf(response);
    this.response = response;
  }
}

export function retryAfterOf(response: Response | undefined): number | undefined {
  const seconds = Number(response?.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

/** What the generated client throws, as a `MindBotError`. */
export function errorOf(thrown: unknown, response: Response | undefined): MindBotError {
  if (thrown instanceof MindBotError) return thrown;
  const told = (thrown as { error?: Partial<Told> } | undefined)?.error;
  return new MindBotError(told ?? {}, response, thrown);
}
