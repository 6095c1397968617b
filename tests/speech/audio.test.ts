import { describe, expect, it } from 'vitest';
import { UtteranceCutter } from '../../local/speech/deepgram/utterances.ts';
import { readInt16, resample, toInt16Samples } from '../../local/speech/models/audio-samples.ts';
import { speakableSentences } from '../../local/speech/models/speakable-text.ts';

/** Like a vowel: a pitch with overtones, whose loudness moves. */
function voice(seconds: number): Int16Array {
  return Int16Array.from({ length: 16000 * seconds }, (_, i) => {
    const t = i / 16000;
    const buzz = Math.sin(2 * Math.PI * 120 * t) + 0.6 * Math.sin(2 * Math.PI * 240 * t);
    return 4000 * (1 + 0.5 * Math.sin(2 * Math.PI * 7 * t)) * buzz;
  });
}

const silence = (seconds: number) => new Int16Array(16000 * seconds);

describe('resample', () => {
  const sine = (hz: number, rate: number) =>
    Float32Array.from({ length: rate }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / rate));

  it.each([
    [16000, 24000],
    [24000, 16000],
    [48000, 16000],
    [44100, 16000],
    [8000, 16000],
  ])('keeps a tone of 1 kHz from %i to %i Hz', (from, to) => {
    const output = resample(sine(1000, from), from, to);
    const wanted = sine(1000, to);
    expect(output).toHaveLength(to);
    for (let i = 200; i < to - 200; i++)
      expect(Math.abs((output[i] ?? 9) - (wanted[i] ?? 0))).toBeLessThan(0.005);
  });

  it('takes out what the lower rate cannot hold', () => {
    const output = resample(sine(11000, 24000), 24000, 16000).subarray(200, -200);
    expect(Math.max(...output)).toBeLessThan(0.01);
  });
});

describe('samples', () => {
  it('clips instead of wrapping round, and reads unaligned bytes', () => {
    expect(Array.from(toInt16Samples(Float32Array.of(2, -2)))).toEqual([32767, -32768]);
    expect(Array.from(readInt16(Uint8Array.of(9, 1, 0, 2, 0, 7).subarray(1)))).toEqual([1, 2]);
  });
});

describe('UtteranceCutter', () => {
  const kinds = (cutter: UtteranceCutter, ...parts: Int16Array[]) =>
    parts.flatMap((part) => cutter.push(part)).filter(({ kind }) => kind !== 'grew');

  it('ends an utterance after the endpointing silence, with its place in the stream', () => {
    const events = kinds(new UtteranceCutter(16000, 500), silence(2), voice(1), silence(0.48));
    expect(events.map(({ kind }) => kind)).toEqual(['started']);
    const cutter = new UtteranceCutter(16000, 500);
    const [started, ended] = kinds(cutter, silence(2), voice(1), silence(0.6));
    expect(started).toMatchObject({ kind: 'started' });
    if (ended?.kind !== 'ended') throw new Error('the utterance has not ended');
    expect(ended.isEndpoint).toBe(true);
    expect(ended.startSeconds).toBeGreaterThan(1.6);
    expect(ended.startSeconds).toBeLessThan(2);
    expect(ended.startSeconds + ended.durationSeconds).toBeCloseTo(3, 1);
    expect(cutter.isSpeaking).toBe(false);
  });

  it('does not cut at the silence inside a word, however short the endpointing', () => {
    const events = kinds(new UtteranceCutter(16000, 10), voice(0.5), silence(0.2), voice(0.5));
    expect(events.map(({ kind }) => kind)).toEqual(['started']);
  });

  it('never calls an endpoint with endpointing off', () => {
    const events = kinds(new UtteranceCutter(16000, false), voice(1), silence(2));
    expect(events).toMatchObject([{ kind: 'started' }, { kind: 'ended', isEndpoint: false }]);
  });

  it('cuts a speaker who never pauses', () => {
    const events = kinds(new UtteranceCutter(16000, 500), voice(25));
    expect(events[1]).toMatchObject({ kind: 'ended', isEndpoint: false });
  });

  it('reports growth about every 400 ms and takes audio in pieces of any size', () => {
    const cutter = new UtteranceCutter(16000, 500);
    const audio = voice(2.1);
    let grew = 0;
    for (let i = 0; i < audio.length; i += 777) {
      grew += cutter.push(audio.slice(i, i + 777)).filter(({ kind }) => kind === 'grew').length;
    }
    expect(grew).toBe(5);
    expect(cutter.flush()).toMatchObject([{ kind: 'ended' }]);
    expect(cutter.flush()).toEqual([]);
  });
});

describe('speakableSentences', () => {
  it('splits sentences, not sums of money', () => {
    expect(speakableSentences('Starter is $9.99. Basic is $44.99!')).toEqual([
      'Starter is $9.99.',
      'Basic is $44.99!',
    ]);
  });

  it('writes out what is read wrongly and leaves out markup', () => {
    expect(speakableSentences('**MindBot**: 1h 30m, 5 hrs, 20 s')).toEqual([
      'Mind Bot : 1 hour 30 minutes, 5 hours, 20 seconds',
    ]);
    expect(speakableSentences('Café ... \n ---')).toEqual(['Cafe ...']);
  });
});
