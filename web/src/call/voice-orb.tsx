import { useEffect, useRef } from 'react';
import type { Mood } from './call-words.ts';
import { QUIET, type Voices } from './voices.ts';
import './call.css';

interface VoiceOrbProps {
  mood: Mood;
  voices: () => Voices;
}

const stillness = window.matchMedia('(prefers-reduced-motion: reduce)');
/** How much of the way to the new loudness one picture goes. */
const FOLLOW = 0.3;

/** Breathes with both voices: the body with the assistant's, the ring around it with the caller's. */
export function VoiceOrb({ mood, voices }: VoiceOrbProps) {
  const orb = useRef<HTMLDivElement>(null);
  const rests = mood === 'rest';
  useEffect(() => {
    const style = orb.current?.style;
    if (!style || rests) return;
    let shown: Voices = QUIET;
    let next = 0;
    function draw() {
      next = requestAnimationFrame(draw);
      const heard = stillness.matches ? QUIET : voices();
      shown = { caller: nearer(shown.caller, heard.caller), agent: nearer(shown.agent, heard.agent) };
      style?.setProperty('--caller', shown.caller.toFixed(3));
      style?.setProperty('--agent', shown.agent.toFixed(3));
    }
    draw();
    return () => {
      cancelAnimationFrame(next);
      style.removeProperty('--caller');
      style.removeProperty('--agent');
    };
  }, [rests, voices]);
  return (
    <div className="orb" ref={orb} data-mood={mood} aria-hidden="true" data-testid="voice-orb">
      <span className="orb-ring" />
      <span className="orb-body">
        <span />
        <span />
        <span />
      </span>
    </div>
  );
}

const nearer = (from: number, to: number) => from + (to - from) * FOLLOW;
