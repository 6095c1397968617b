import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resample, toFloatSamples, toInt16Samples } from '../../local/speech/models/audio-samples.ts';
import { type SpeechModels, startSpeechModels } from '../../local/speech/models/models.ts';
import { countWrongWords } from './words-wrong.ts';

const SENTENCES = [
  'How much time do I have left?',
  'What are your prices?',
  'What has this call cost so far?',
  'I want to buy the basic package.',
  'I would like to buy more time.',
  'Can you give me a summary of this call?',
  'You have one hour and thirty minutes left.',
  'My name is Robert.',
  'What can you do for me?',
  'Which packages do you sell?',
];

/** Noise that is the same on every run. */
function noise(seconds: number, amplitude: number): Int16Array {
  let state = 1;
  return Int16Array.from({ length: 16000 * seconds }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state / 0x40000000 - 1) * amplitude;
  });
}

function tone(hz: number): Int16Array {
  return Int16Array.from({ length: 32000 }, (_, i) => 3000 * Math.sin((2 * Math.PI * hz * i) / 16000));
}

describe('speech models', () => {
  let models: SpeechModels;
  beforeAll(async () => {
    models = await startSpeechModels();
  });
  afterAll(() => models.close());

  it.each(['slt', 'rms', 'awb'] as const)('voice %s is understood but for one word in ten', async (voice) => {
    const counts = { wrong: 0, total: 0 };
    for (const sentence of SENTENCES) {
      const { pcm, sampleRate } = await models.synthesize(sentence, voice);
      const { wrong, total } = countWrongWords(sentence, await models.transcribe(pcm, sampleRate));
      counts.wrong += wrong;
      counts.total += total;
    }
    expect(counts.wrong / counts.total).toBeLessThanOrEqual(0.1);
  });

  it.each([8000, 24000, 44100, 48000])('speech at %i Hz is understood', async (rate) => {
    const { pcm, sampleRate } = await models.synthesize('How much time do I have left?', 'rms');
    const resampled = toInt16Samples(resample(toFloatSamples(pcm), sampleRate, rate));
    const heard = await models.transcribe(resampled, rate);
    expect(countWrongWords('How much time do I have left?', heard).wrong).toBeLessThanOrEqual(1);
  });

  it('hears words through faint noise', async () => {
    const { pcm } = await models.synthesize('I want to buy the basic package.', 'slt');
    const hiss = noise(pcm.length / 16000, 150);
    const heard = await models.transcribe(
      pcm.map((sample, i) => sample + (hiss[i] ?? 0)),
      16000,
    );
    expect(countWrongWords('I want to buy the basic package.', heard).wrong).toBeLessThanOrEqual(1);
  });

  it.each([
    ['silence', new Int16Array(32000)],
    ['faint noise', noise(2, 300)],
    ['loud noise', noise(2, 10000)],
    ['noise after silence', Int16Array.from([...new Int16Array(16000), ...noise(2, 3000)])],
    ['a tone', tone(440)],
    ['no samples', new Int16Array(0)],
  ])('hears nothing in %s', async (_name, pcm) => {
    expect(await models.transcribe(pcm, 16000)).toBe('');
  });

  it('hears nothing in less than 0.1 s, even of speech', async () => {
    const { pcm } = await models.synthesize('Yes.', 'slt');
    const loudest = pcm.reduce((best, sample, i) => (sample > (pcm[best] ?? 0) ? i : best), 0);
    expect(await models.transcribe(pcm.slice(loudest - 700, loudest + 700), 16000)).toBe('');
  });

  it('speaks a long text sentence by sentence, at the rate and speed asked for', async () => {
    const sentence = 'You have one hour and thirty minutes left. ';
    const once = await models.synthesize(sentence, 'slt');
    const thrice = await models.synthesize(sentence.repeat(3), 'slt', { sampleRate: 24000 });
    const fast = await models.synthesize(sentence, 'slt', { speed: 2 });
    expect(thrice.sampleRate).toBe(24000);
    expect(thrice.pcm.length).toBe(Math.floor(once.pcm.length * 1.5) * 3);
    expect(fast.pcm.length / once.pcm.length).toBeCloseTo(0.5, 1);
  });

  it('says nothing for a text without words', async () => {
    expect((await models.synthesize(' ... ', 'slt')).pcm).toHaveLength(0);
  });

  it('says "MindBot" and short times so that they are understood', async () => {
    const { pcm, sampleRate } = await models.synthesize('**MindBot**: you have 1h 30m left.', 'slt');
    const heard = await models.transcribe(pcm, sampleRate);
    expect(heard).toMatch(/one hour/i);
    expect(heard).toMatch(/thirty minutes/i);
    expect(heard).not.toMatch(/asterisk/i);
  });
});

describe('speech models after close', () => {
  it('refuse requests under way and later ones', async () => {
    const models = await startSpeechModels();
    const pending = models.synthesize('How much time do I have left?', 'slt');
    const refused = expect(pending).rejects.toThrow(/models thread ended/);
    await models.close();
    await refused;
    expect(models.isRunning()).toBe(false);
    await expect(models.transcribe(new Int16Array(16000), 16000)).rejects.toThrow(/models thread ended/);
  });
});
