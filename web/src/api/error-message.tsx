import { ApiError } from './request.ts';

/** An error in words, with the request id in small print for whoever asks support. */
export function ErrorMessage({ error }: { error: unknown }) {
  const message = error instanceof Error ? error.message : String(error);
  const requestId = error instanceof ApiError ? error.requestId : null;
  return (
    <p className="error" role="alert" data-testid="error">
      {message}
      {requestId && <small>Request {requestId}</small>}
    </p>
  );
}
