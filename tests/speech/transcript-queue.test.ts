import { describe, expect, it } from 'vitest';
import { TranscriptQueue } from '../../local/speech/deepgram/transcript-queue.ts';

const AUDIO = new Int16Array(1);

/** A queue whose transcriptions end when the test says so, in any order. */
function controlledQueue() {
  const pending: PromiseWithResolvers<string>[] = [];
  const delivered: string[] = [];
  const failures: unknown[] = [];
  const queue = new TranscriptQueue(
    () => {
      const transcription = Promise.withResolvers<string>();
      pending.push(transcription);
      return transcription.promise;
    },
    (error) => failures.push(error),
  );
  const settle = async (index: number, text: string | Error) => {
    if (text instanceof Error) pending[index]?.reject(text);
    else pending[index]?.resolve(text);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, delivered, failures, settle, deliver: (text: string) => delivered.push(text), pending };
}

describe('TranscriptQueue', () => {
  it('delivers finals as they were spoken, whichever is ready first, and steps after them', async () => {
    const { queue, delivered, settle, deliver } = controlledQueue();
    queue.addFinal(AUDIO, deliver);
    queue.addFinal(AUDIO, deliver);
    queue.addStep(() => deliver('end'));
    await settle(1, 'second');
    expect(delivered).toEqual([]);
    await settle(0, 'first');
    expect(delivered).toEqual(['first', 'second', 'end']);
  });

  it('drops an interim result that comes after the end of its utterance', async () => {
    const { queue, delivered, settle, deliver } = controlledQueue();
    queue.addInterim(AUDIO, deliver);
    queue.addFinal(AUDIO, deliver);
    await settle(0, 'late');
    await settle(1, 'final');
    expect(delivered).toEqual(['final']);
  });

  it('makes one interim result at a time, and none of nothing', async () => {
    const { queue, delivered, settle, deliver, pending } = controlledQueue();
    queue.addInterim(AUDIO, deliver);
    queue.addInterim(AUDIO, deliver);
    expect(pending).toHaveLength(1);
    await settle(0, 'one');
    queue.addInterim(AUDIO, deliver);
    await settle(1, '');
    expect(delivered).toEqual(['one']);
  });

  it('reports failures once each and goes on', async () => {
    const { queue, delivered, failures, settle, deliver } = controlledQueue();
    queue.addInterim(AUDIO, deliver);
    queue.addFinal(AUDIO, deliver);
    queue.addFinal(AUDIO, deliver);
    await settle(1, new Error('final'));
    await settle(0, new Error('interim'));
    await settle(2, 'next');
    expect(failures.map(String)).toEqual(['Error: final', 'Error: interim']);
    expect(delivered).toEqual(['next']);
  });
});
