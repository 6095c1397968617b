import { parseArgs } from 'node:util';
import { Dictation, parseDictation, spellCode } from '../agent/codes/dictation.ts';
import { type SpeechModels, startSpeechModels } from '../local/speech/models/models.ts';
import type { Voice } from '../local/speech/models/voices.ts';
import { deriveActivationCode } from '../shared/activation-codes/keyed-hash.ts';
import { CODE_MARK } from '../shared/secrets/mask-codes.ts';

const USAGE = `npm run bench:codes -- [options]
  --codes 50       how many codes are spoken in each way, in groups of four
  --from 1000      which codes; those below taught the stand-in's recogniser
  --rate 16000     Hz; 8000 is a telephone
  --way 'spelling words'   only this way
  --show           also prints what was heard wrong`;

/** Those of the local voices that sound least alike: a woman and a man. */
const VOICES: readonly Voice[] = ['slt', 'rms'];
/** Who is asked again speaks more slowly. */
const SLOWLY = 0.8;

/** Ways to say a group. The second is the one that the agent suggests. */
const WAYS: Record<string, (group: string) => string> = {
  'plain letters': (group) => [...group].join(', '),
  'spelling words': spellCode,
  'letter as in word': (group) =>
    [...group].map((symbol) => (/\d/.test(symbol) ? '' : `${symbol} as in `) + spellCode(symbol)).join(', '),
};

/**
 * - `right`: the code, at once
 * - `asked`: a group was not a whole one of ours, and has to be said again
 * - `caught`: twelve characters that fail their check
 * - `accepted`: another code than was said; only the caller can stop it, at the reading back
 */
type Outcome = 'right' | 'asked' | 'caught' | 'accepted';

type Counts = {
  first: Record<Outcome, number>;
  second: Record<Outcome, number>;
  groups: number;
  /** Twelve of our characters, but not those that were said. */
  wrong: number;
};

type Options = { codes: number; from: number; rate: number; show: boolean };

const symbolsIn = (text: string) => parseDictation(text, true)?.symbols ?? '';

/** What the agent makes of three groups. */
function judge(code: string, heard: readonly string[]): Outcome {
  const dictation = new Dictation();
  dictation.open();
  if (heard.some((text) => dictation.take(text) !== CODE_MARK)) return 'asked';
  const progress = dictation.progress();
  if (progress.state === 'slip') return 'caught';
  if (progress.state !== 'complete') return 'asked';
  return progress.code === code ? 'right' : 'accepted';
}

async function measure(models: SpeechModels, way: string, options: Options): Promise<Counts> {
  const none = { right: 0, asked: 0, caught: 0, accepted: 0 };
  const counts: Counts = { first: { ...none }, second: { ...none }, groups: 0, wrong: 0 };
  const hear = async (group: string, voice: Voice, speed: number) => {
    const text = `${WAYS[way]?.(group) ?? group}.`;
    const { pcm } = await models.synthesize(text, voice, { sampleRate: options.rate, speed });
    return models.transcribe(pcm, options.rate);
  };
  for (let n = 0; n < options.codes; n++) {
    const code = deriveActivationCode('a key that signs no cards', `code ${options.from + n}`);
    const voice = VOICES[n % VOICES.length] ?? 'slt';
    const [heard, again]: [string[], string[]] = [[], []];
    for (const group of code.match(/.{4}/g) ?? []) {
      const text = await hear(group, voice, 1);
      const isRight = symbolsIn(text) === group;
      if (isRight) counts.groups++;
      else if (options.show) console.log(`${way} ${voice} ${group}: ${text} -> ${symbolsIn(text)}`);
      heard.push(text);
      again.push(isRight ? text : await hear(group, voice, SLOWLY));
    }
    const first = judge(code, heard);
    counts.first[first]++;
    counts.second[first === 'asked' || first === 'caught' ? judge(code, again) : first]++;
    if (first === 'caught' || first === 'accepted') counts.wrong++;
  }
  return counts;
}

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    codes: { type: 'string', default: '50' },
    from: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '16000' },
    way: { type: 'string' },
    show: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(USAGE);
else {
  const { show, way: only } = values;
  const options = {
    codes: Number(values.codes),
    from: Number(values.from),
    rate: Number(values.rate),
    show,
  };
  const models = await startSpeechModels();
  const rows: Record<string, Record<string, string | number>> = {};
  for (const way of Object.keys(WAYS).filter((name) => name === (only ?? name))) {
    const { first, second, groups, wrong } = await measure(models, way, options);
    rows[way] = {
      codes: options.codes,
      'groups right': `${((100 * groups) / (3 * options.codes)).toFixed(0)} %`,
      right: first.right,
      'asked again': first.asked,
      'caught by the check': first.caught,
      'wrong, accepted': `${first.accepted} of ${wrong}`,
      'right, one repeat': second.right,
      'wrong, one repeat': second.accepted,
    };
  }
  await models.close();
  console.table(rows);
}
