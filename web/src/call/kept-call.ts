import type { TokenResponse } from '../../../shared/api/calls.ts';

/** What it takes to come back into a running call, after a reload or from another tab. */
export interface KeptCall {
  callId: string;
  place: TokenResponse;
}

export interface CallKeeper {
  read: () => KeptCall | null;
  keep: (call: KeptCall) => void;
  forget: () => void;
  /** Tells when another tab has begun or ended a call. @returns how to stop that */
  watch: (changed: (call: KeptCall | null) => void) => () => void;
  /** Shows other tabs, for as long as it lasts, that the call is here. @returns how to end it */
  hold: () => () => void;
  isHeldElsewhere: () => Promise<boolean>;
}

/** Keeps one person's running call where all tabs of this browser find it. It opens no more than the session beside it. */
export function keepCalls(userId: string): CallKeeper {
  const key = `mindbot.call.${userId}`;
  // Absent where the page is not served securely.
  const locks = navigator.locks as LockManager | undefined;
  return {
    read: () => parse(localStorage.getItem(key)),
    keep: (call) => localStorage.setItem(key, JSON.stringify(call)),
    forget: () => localStorage.removeItem(key),
    watch(changed) {
      const onStorage = (event: StorageEvent) => {
        if (event.key === key) changed(parse(event.newValue));
      };
      window.addEventListener('storage', onStorage);
      return () => window.removeEventListener('storage', onStorage);
    },
    hold() {
      const leave = new AbortController();
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      // Waited for while another tab still has it, and given up when this call ends before.
      locks?.request(key, { signal: leave.signal }, () => held).catch(() => undefined);
      return () => {
        release();
        leave.abort();
      };
    },
    async isHeldElsewhere() {
      const now = await locks?.query();
      return now?.held?.some(({ name }) => name === key) ?? false;
    },
  };
}

function parse(text: string | null): KeptCall | null {
  return text === null ? null : (JSON.parse(text) as KeptCall);
}
