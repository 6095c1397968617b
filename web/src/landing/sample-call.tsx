import { useEffect, useRef, useState } from 'react';
import { useWords } from '../words/use-words.ts';
import captionsUrl from './sample/call.en.vtt';
import captions from './sample/call.en.vtt?raw';
import sound from './sample/call.webm';

interface Line {
  speaker: 'agent' | 'caller';
  text: string;
  fromSeconds: number;
  toSeconds: number;
}

const CUE = /^\d\d:(\d\d):([\d.]+) --> \d\d:(\d\d):([\d.]+)\n<v (agent|caller)>(.+)$/gm;

/** As `npm run sample` writes them. */
const LINES: Line[] = [...captions.matchAll(CUE)].map(([, fromMin, from, toMin, to, speaker, text]) => ({
  speaker: speaker as Line['speaker'],
  text: text ?? '',
  fromSeconds: Number(fromMin) * 60 + Number(from),
  toSeconds: Number(toMin) * 60 + Number(to),
}));
const LENGTH_SECONDS = LINES.at(-1)?.toSeconds ?? 1;

/** A call to listen to, with what is said beside it. Nothing is loaded before somebody presses Play. */
export function SampleCall() {
  const landing = useWords('landing');
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [atSeconds, setAt] = useState(0);
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => setAt(audio.current?.currentTime ?? 0), 100);
    return () => clearInterval(timer);
  }, [playing]);

  function toggle() {
    if (playing) audio.current?.pause();
    else void audio.current?.play();
  }
  function onEnded() {
    setPlaying(false);
    setAt(0);
  }
  return (
    <figure className="sample" id="sample" data-testid="sample" data-playing={playing}>
      <figcaption className="sample-head">
        <button
          type="button"
          className="primary sample-play"
          onClick={toggle}
          aria-label={playing ? landing.pause : landing.play}
          data-testid="play-sample"
        >
          <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d={playing ? 'M7 5h4v14H7zM13 5h4v14h-4z' : 'M8 4.5v15l12-7.5z'} />
          </svg>
        </button>
        <span>
          <strong>{landing.sampleTitle}</strong>
          <small>
            {landing.sampleLanguage} · {Math.round(LENGTH_SECONDS)} s
          </small>
        </span>
      </figcaption>
      <progress max={LENGTH_SECONDS} value={Math.min(atSeconds, LENGTH_SECONDS)} aria-hidden="true" />
      <ol className="sample-lines" lang="en">
        {LINES.map((line) => (
          <li
            key={line.fromSeconds}
            data-speaker={line.speaker}
            data-now={playing && atSeconds >= line.fromSeconds && atSeconds < line.toSeconds + 0.4}
          >
            <span className="hidden">{landing.speakers[line.speaker]}: </span>
            {line.text}
          </li>
        ))}
      </ol>
      <audio
        ref={audio}
        src={sound}
        preload="none"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={onEnded}
      >
        <track kind="captions" srcLang="en" src={captionsUrl} default />
      </audio>
    </figure>
  );
}
