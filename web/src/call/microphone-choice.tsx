import { useEffect, useRef, useState } from 'react';
import { useWords } from '../words/use-words.ts';
import type { Call } from './use-call.ts';

/** Which microphone is heard, and how loud. */
export function MicrophoneChoice({ call }: { call: Call }) {
  const talk = useWords('talk');
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)} data-testid="microphone">
      <summary>{talk.microphone}</summary>
      {isOpen && <Choice call={call} />}
    </details>
  );
}

function Choice({ call }: { call: Call }) {
  const talk = useWords('talk');
  const devices = useMicrophones();
  const [chosen, setChosen] = useState<string>();
  const [failed, setFailed] = useState(false);

  async function choose(deviceId: string) {
    setFailed(false);
    try {
      await call.chooseMicrophone(deviceId);
      setChosen(deviceId);
    } catch (error) {
      console.warn('a microphone could not be opened', error);
      setFailed(true);
    }
  }

  return (
    <div className="stack">
      <label>
        <span className="hidden">{talk.microphone}</span>
        <select
          value={chosen ?? devices[0]?.deviceId ?? ''}
          onChange={(event) => choose(event.target.value)}
          data-testid="microphones"
        >
          {devices.map(({ deviceId, label }) => (
            <option key={deviceId} value={deviceId}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <Level voices={call.voices} label={talk.microphoneLevel} />
      <small>{talk.muteKey}</small>
      {failed && (
        <p className="bad" role="alert">
          {talk.microphoneFailed}
        </p>
      )}
    </div>
  );
}

function Level({ voices, label }: { voices: Call['voices']; label: string }) {
  const bar = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    let next = 0;
    function draw() {
      next = requestAnimationFrame(draw);
      bar.current?.style.setProperty('--level', voices().caller.toFixed(2));
    }
    draw();
    return () => cancelAnimationFrame(next);
  }, [voices]);
  return (
    <span className="microphone-level" role="img" aria-label={label}>
      <span ref={bar} />
    </span>
  );
}

/** Their names are known only once the page may use one, as it may in a call. */
function useMicrophones(): MediaDeviceInfo[] {
  const [devices, setDevices] = useState<MediaDeviceInfo[]>([]);
  useEffect(() => {
    const { mediaDevices } = navigator;
    let gone = false;
    async function look() {
      const all = await mediaDevices.enumerateDevices();
      if (!gone) setDevices(all.filter(({ kind }) => kind === 'audioinput'));
    }
    void look();
    mediaDevices.addEventListener('devicechange', look);
    return () => {
      gone = true;
      mediaDevices.removeEventListener('devicechange', look);
    };
  }, []);
  return devices;
}
