/**
 * The addresses of the page. The sidecar answers each of them with the page, which shows the room itself
 * (`web/src/rooms.tsx`).
 */
const ROOMS: readonly RegExp[] = [
  /^\/$/,
  /^\/(?:talk|buy|account|help|terms|privacy)\/?$/,
  /^\/(?:sign-in|sign-up|forgot-password|new-password)\/?$/,
  /^\/calls\/[^/]+\/?$/,
  /^\/gift(?:\/[^/]*)?$/,
  /^\/teams(?:\/[^/]*)?$/,
  /^\/operator(?:\/.*)?$/,
];

/** @param path without query */
export const isRoom = (path: string): boolean => ROOMS.some((room) => room.test(path));
