/** One thing that was looked at. A `bad` one keeps MindBot from working; a `note` is worth knowing. */
export type Finding = { mark: 'ok' | 'note' | 'bad'; what: string; fix?: string };

const SIGNS = { ok: '✓', note: '·', bad: '✗' };

export const ok = (what: string): Finding => ({ mark: 'ok', what });
export const worthKnowing = (what: string, fix?: string): Finding => ({
  mark: 'note',
  what,
  ...(fix && { fix }),
});
export const bad = (what: string, fix: string): Finding => ({ mark: 'bad', what, fix });

export function findingLines({ mark, what, fix }: Finding): string[] {
  return [`  ${SIGNS[mark]} ${what}`, ...(fix === undefined ? [] : [`      → ${fix}`])];
}
