import { startSpeechModels } from '../../../local/speech/models/models.ts';
import { DELAYS } from '../providers/delays.ts';

/**
 * What the callers say: sentences of which, in this voice, the framework's model of the end of a turn is sure
 * (0.5 or more of 1, against a threshold of 0.36), so that the shortest endpointing delay applies to every turn.
 */
const SENTENCES = [
  'What can you do for me?',
  'How are you doing today?',
  'Where does the river begin?',
  'Thank you very much.',
];
const VOICE = 'slt';
const RATE = 16_000;
/** As the scripted recogniser counts sound. */
const LOUD = 500;

const isLoud = (sample: number) => Math.abs(sample) > LOUD;

/** Without the silence around it: its last loud sample is the end of speech. */
const trim = (pcm: Int16Array) => pcm.slice(pcm.findIndex(isLoud), pcm.findLastIndex(isLoud) + 1);

function longestPauseMs(pcm: Int16Array): number {
  let longest = 0;
  let quietSince = 0;
  pcm.forEach((sample, at) => {
    if (!isLoud(sample)) return;
    longest = Math.max(longest, at - quietSince);
    quietSince = at;
  });
  return (longest / RATE) * 1000;
}

/** Speech at 16 kHz, made once: nobody synthesizes while others are being measured. */
export async function prepareUtterances(): Promise<Int16Array[]> {
  const models = await startSpeechModels();
  try {
    const spoken: Int16Array[] = [];
    for (const text of SENTENCES) {
      const pcm = trim((await models.synthesize(text, VOICE)).pcm);
      // A longer one would end the turn in the middle of it.
      if (longestPauseMs(pcm) > DELAYS.transcript * 0.75) throw new Error(`A pause is too long in: ${text}`);
      spoken.push(pcm);
    }
    return spoken;
  } finally {
    await models.close();
  }
}
