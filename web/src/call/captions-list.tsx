import { useEffect, useRef } from 'react';
import type { Caption } from './call-state.ts';

/** How near to the end, in CSS pixels, the reader must be for the list to follow new lines. */
const FOLLOW_PX = 80;

const NAMES: Record<Caption['speaker'], string> = { agent: 'Assistant', caller: 'You' };

/** What both sides say, as it is said. Scrolls along, unless the reader has scrolled back. */
export function CaptionsList({ captions }: { captions: Caption[] }) {
  const box = useRef<HTMLDivElement>(null);
  const following = useRef(true);

  // biome-ignore lint/correctness/useExhaustiveDependencies: runs after every change of the captions
  useEffect(() => {
    const element = box.current;
    if (element && following.current) element.scrollTop = element.scrollHeight;
  }, [captions]);

  function onScroll() {
    const element = box.current;
    if (element)
      following.current = element.scrollHeight - element.scrollTop - element.clientHeight < FOLLOW_PX;
  }

  return (
    <div
      className="captions"
      ref={box}
      onScroll={onScroll}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled box must be reachable by keyboard
      tabIndex={0}
      role="log"
      aria-label="Captions"
      data-testid="captions"
    >
      {captions.length === 0 && <p className="faint">What is said appears here.</p>}
      {captions.map((caption) => (
        // Busy while the words may change, so that a screen reader speaks each line once.
        <p
          key={caption.segmentId}
          className="caption"
          data-testid="caption"
          data-speaker={caption.speaker}
          data-final={caption.final}
          aria-busy={!caption.final}
        >
          <span className="speaker">{NAMES[caption.speaker]}</span>
          {caption.text}
        </p>
      ))}
    </div>
  );
}
