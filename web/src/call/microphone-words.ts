// https://developer.mozilla.org/en-US/docs/Web/API/MediaDevices/getUserMedia#exceptions
const WORDS: Record<string, string> = {
  NotAllowedError:
    'The microphone is blocked. Allow it for this page (in the address bar), then press Talk again.',
  NotFoundError: 'No microphone was found. Connect one, then press Talk again.',
  NotReadableError: 'The microphone is in use by another program. Close that, then press Talk again.',
};

/** Why the microphone could not be opened, as an error for the person at the page. */
export function microphoneError(error: unknown): Error {
  const name = error instanceof Error ? error.name : '';
  return new Error(WORDS[name] ?? 'The microphone could not be opened.', { cause: error });
}
