import { useState } from 'react';
import { useWords } from '../words/use-words.ts';

interface CopyButtonProps {
  text: string;
  label: string;
  words: string;
}

/** Copies `text`; says so in its own, constant width. */
export function CopyButton({ text, label, words: idle }: CopyButtonProps) {
  const { gifts } = useWords('buy');
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setState('copied');
    } catch {
      // Refused by the browser: the code stands beside the button and can be selected by hand.
      setState('failed');
    }
    setTimeout(() => setState('idle'), 2_000);
  }

  const words = { idle, copied: gifts.copied, failed: gifts.selectIt }[state];
  return (
    <button type="button" className="quiet copy" onClick={copy} aria-label={state === 'idle' ? label : words}>
      <span aria-live="polite">{words}</span>
    </button>
  );
}
