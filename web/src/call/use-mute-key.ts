import { useEffect, useRef } from 'react';
import type { Call } from './use-call.ts';

/** Who holds the key for longer wants what it does for as long as it is held. */
const HELD_MS = 400;

export const MUTE_KEY = 'Alt+M';

/** Alt and M mute and unmute. With a modifier, so that it is no letter of what is typed or spoken to the computer. */
export function useMuteKey({ state, setMuted }: Call): void {
  const { muted } = state;
  const latest = useRef({ muted, setMuted });
  latest.current = { muted, setMuted };
  const works = state.phase === 'joined';
  useEffect(() => {
    if (!works) return;
    let pressedAtMs: number | null = null;
    function toggle() {
      const { muted, setMuted } = latest.current;
      void setMuted(!muted);
    }
    function onDown(event: KeyboardEvent) {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.code !== 'KeyM') return;
      event.preventDefault();
      if (event.repeat) return;
      pressedAtMs = performance.now();
      toggle();
    }
    function onUp(event: KeyboardEvent) {
      if (pressedAtMs === null || (event.code !== 'KeyM' && event.key !== 'Alt')) return;
      if (performance.now() - pressedAtMs > HELD_MS) toggle();
      pressedAtMs = null;
    }
    window.addEventListener('keydown', onDown);
    window.addEventListener('keyup', onUp);
    return () => {
      window.removeEventListener('keydown', onDown);
      window.removeEventListener('keyup', onUp);
    };
  }, [works]);
}
