import { useEffect, useRef, useState } from 'react';
import { CopyButton } from '../time-cards/copy-button.tsx';
import { useWords } from '../words/use-words.ts';
import type { Caption } from './call-state.ts';

/** How near to the end, in CSS pixels, the reader must be for the list to follow new lines. */
const FOLLOW_PX = 80;

/** What both sides say, as it is said. Scrolls along, unless the reader has scrolled back. */
export function CaptionsList({ captions }: { captions: Caption[] }) {
  const talk = useWords('talk');
  const box = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const names = { agent: talk.assistant, caller: talk.caller };

  // biome-ignore lint/correctness/useExhaustiveDependencies: runs after every change of the captions
  useEffect(() => {
    const element = box.current;
    if (element && following) element.scrollTop = element.scrollHeight;
  }, [captions, following]);

  function onScroll() {
    const element = box.current;
    if (element) setFollowing(element.scrollHeight - element.scrollTop - element.clientHeight < FOLLOW_PX);
  }

  return (
    <div className="stack">
      <div className="captions-head">
        <h2 id="captions">{talk.captions}</h2>
        {captions.length > 0 && (
          <CopyButton
            text={captions.map(({ speaker, text }) => `${names[speaker]}: ${text}`).join('\n')}
            label={talk.copyCaptionsLabel}
            words={talk.copyCaptions}
          />
        )}
      </div>
      <div className="captions-box">
        <div
          className="captions"
          ref={box}
          onScroll={onScroll}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled box must be reachable by keyboard
          tabIndex={0}
          role="log"
          aria-labelledby="captions"
          data-following={following}
          data-testid="captions"
        >
          {captions.length === 0 && <p className="faint">{talk.captionsEmpty}</p>}
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
              <span className="speaker">{names[caption.speaker]}</span>
              {caption.text}
            </p>
          ))}
        </div>
        {!following && (
          <button
            type="button"
            className="quiet to-newest"
            onClick={() => setFollowing(true)}
            data-testid="follow-captions"
          >
            {talk.followNewest}
          </button>
        )}
      </div>
    </div>
  );
}
