import type { ChatRequest } from './chat-request.ts';

/** Four characters are about one token of English. */
export const CHARACTERS_A_TOKEN = 4;

/** A text as far as a request wants it: up to the first of its stop words, and no longer than its limit. */
export function shorten(text: string, request: ChatRequest): { text: string; isCut: boolean } {
  const stops = [request.stop ?? []].flat().map((stop) => text.indexOf(stop));
  const end = Math.min(text.length, ...stops.filter((place) => place >= 0));
  const tokens = request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY;
  const most = tokens * CHARACTERS_A_TOKEN;
  return end <= most
    ? { text: text.slice(0, end), isCut: false }
    : { text: text.slice(0, most), isCut: true };
}
