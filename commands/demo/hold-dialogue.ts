import type { SyntheticCaller } from '../../local/caller/caller.ts';
import type { Ear } from '../../local/caller/ear.ts';
import type { Recording } from '../../local/caller/recording.ts';
import type { SpeechModels } from '../../local/speech/models/models.ts';

export type Turn = {
  speaker: 'agent' | 'caller';
  text: string;
  /** Agent only: from the end of the question to the first sound of the answer. */
  latencyMs?: number;
  /** Milliseconds of `performance.now()` at the first sound. */
  atMs: number;
};

const CALLER_VOICE = 'slt';
const ANSWER_DEADLINE_MS = 90_000;

/** Speaks each question, listens to each answer, and writes down what was really heard. */
export async function holdDialogue(options: {
  questions: readonly string[];
  caller: SyntheticCaller;
  ear: Ear;
  recording: Recording;
  models: SpeechModels;
  onTurn: (turn: Turn) => void;
}): Promise<Turn[]> {
  const { questions, caller, ear, recording, models, onTurn } = options;
  const turns: Turn[] = [];
  const add = (turn: Turn) => {
    turns.push(turn);
    onTurn(turn);
  };
  const listen = async (askedAtMs?: number) => {
    const heard = await ear.next(ANSWER_DEADLINE_MS);
    if (!heard) throw new Error('The agent did not answer.');
    add({
      speaker: 'agent',
      text: await models.transcribe(heard.samples, heard.sampleRate),
      atMs: heard.startedAtMs,
      ...(askedAtMs !== undefined && { latencyMs: Math.round(heard.startedAtMs - askedAtMs) }),
    });
  };

  await listen();
  for (const text of questions) {
    const { pcm, sampleRate } = await models.synthesize(text, CALLER_VOICE);
    add({ speaker: 'caller', text, atMs: performance.now() });
    recording.add('caller', pcm, sampleRate);
    await caller.speak(pcm, sampleRate);
    await listen(performance.now());
  }
  return turns;
}
