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

/** What concerns the whole page, above it; nothing where nothing does. */
export function Trouble({ errors }: { errors: readonly unknown[] }) {
  if (errors.length === 0) return null;
  return (
    <div className="stack trouble" data-testid="trouble">
      {errors.map((error) => (
        <ErrorMessage key={String(error)} error={error} />
      ))}
    </div>
  );
}
