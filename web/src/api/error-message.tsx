import { useWordsIfThere } from '../words/use-words.ts';
import { ApiError } from './request.ts';

/** What went wrong, in the language of the page where there are words for it, and else as it was told. */
function useErrorWords(error: unknown): string {
  const codes = useWordsIfThere('errors')?.codes;
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  const known = typeof code === 'string' && codes !== undefined && Object.hasOwn(codes, code);
  return (known && codes[code as string]) || (typeof message === 'string' ? message : String(error));
}

/** An error in words, with the request id in small print for whoever asks support. */
export function ErrorMessage({ error }: { error: unknown }) {
  const message = useErrorWords(error);
  const words = useWordsIfThere('errors');
  const requestId = error instanceof ApiError ? error.requestId : null;
  return (
    <p className="error" role="alert" data-testid="error">
      {message}
      {requestId && <small>{words?.request(requestId) ?? requestId}</small>}
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
