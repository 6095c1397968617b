/**
 * What went wrong, by code. What the service refuses it says in English itself, often more exactly than its code; here
 * stands what the page finds by itself. The other languages have a sentence for each code of `shared/errors.ts`, too.
 */
const codes: Record<string, string> = {
  network: 'The server cannot be reached. Check the connection and try again.',
  timeout: 'The server took too long to answer. Try again.',
  http: 'The server gave no answer that this page understands. Try again.',
  unexpected_answer: 'The server gave an answer this page does not understand.',
  signed_out: 'You are signed out. Sign in again.',
  microphone_blocked:
    'The microphone is blocked. Allow it for this page (in the address bar), then press Talk again.',
  microphone_missing: 'No microphone was found. Connect one, then press Talk again.',
  microphone_busy: 'The microphone is in use by another program. Close that, then press Talk again.',
  microphone_failed: 'The microphone could not be opened.',
  call_failed: 'The call could not be connected. Try again in a moment.',
};

export default { codes, request: (id: string) => `Request ${id}` };
