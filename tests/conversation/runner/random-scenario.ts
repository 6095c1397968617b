import { PACKAGE_NAMES } from '../../../local/language-model/spoken-words.ts';
import { shuffled } from '../../webhook-server/shuffle.ts';
import { CONSEQUENTIAL, type Scenario, type Turn } from '../scenario.ts';

type Random = () => number;

const NOISE =
  'uh,I,you,the,card,time,two,for,four,code,buy,not,free,dollars,hours,bye,yes,no,9.99,??,...,й,💬,0'.split(
    ',',
  );

const oneOf = <Item>(items: readonly Item[], random: Random): Item => {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
};

/** What a bad line, or a bad recogniser, makes of a sentence. */
function garbled(text: string, random: Random): string {
  const words = text.split(' ');
  const at = Math.floor(random() * words.length);
  switch (Math.floor(random() * 6)) {
    case 0:
      return words.toSpliced(at, 1).join(' ') || text;
    case 1:
      return words.toSpliced(at, 0, oneOf(NOISE, random)).join(' ');
    case 2:
      return words.toSpliced(at, 0, words[at] ?? '').join(' ');
    case 3:
      return shuffled(words, random).join(' ');
    case 4:
      return words.slice(0, at + 1).join(' ');
    default:
      return `${text} ${oneOf(NOISE, random)} ${oneOf(NOISE, random)}`;
  }
}

const noise = (random: Random) =>
  Array.from({ length: 1 + Math.floor(random() * 6) }, () => oneOf(NOISE, random)).join(' ');

/** Words that nobody has planned, by the same seed always the same. */
function randomTurn(sentences: readonly string[], random: Random): Turn {
  const chosen = random() < 0.1 ? noise(random) : oneOf(sentences, random);
  const dice = random();
  const interrupted = dice < 0.08 ? 'acting' : dice < 0.16 ? 'speaking' : undefined;
  return {
    says: random() < 0.35 ? garbled(chosen, random) : chosen,
    mayCall: CONSEQUENTIAL,
    ...(interrupted && { interrupted }),
  };
}

/** The beginning of a dictation, as it was planned: a group that comes before anybody asked for it is no code yet. */
function dictation(scenarios: readonly Scenario[], random: Random): Turn[] {
  const { turns } = oneOf(
    scenarios.filter(({ topic, desk }) => topic === 'dictating a code' && !desk),
    random,
  );
  const said = turns.slice(0, 1 + Math.floor(random() * turns.length));
  return said.map(({ says }) => ({ says, mayCall: CONSEQUENTIAL }));
}

/** What has to be answered after anything. */
const LAST: Turn = {
  says: 'How much time do I have left?',
  calls: { check_time_balance: {} },
  answer: /\d/,
};
const LAST_AT_DESK: Turn = {
  says: 'What are your prices?',
  calls: { get_pricing_packages: {} },
  answer: /\d/,
};

/** A call of somebody who says anything, and asks a plain question at the end. */
export function randomScenario(seed: number, scenarios: readonly Scenario[], random: Random): Scenario {
  const sentences = scenarios
    // A call that is over tells nothing about what comes next: goodbyes are rare.
    .filter(({ topic }) => !topic.startsWith('end_call') || random() < 0.1)
    .flatMap(({ turns }) => turns.flatMap(({ says }) => (typeof says === 'string' ? [says] : [])));
  const count = 3 + Math.floor(random() * 5);
  const talk = Array.from({ length: count }, () => randomTurn(sentences, random));
  const dictated = random() < 0.25 ? dictation(scenarios, random) : [];
  const turns = talk.toSpliced(Math.floor(random() * count), 0, ...dictated);
  const isAtDesk = random() < 0.2;
  return {
    name: `seed ${seed}`,
    topic: 'fuzz',
    ...(isAtDesk && { desk: true }),
    turns: [...turns, isAtDesk ? LAST_AT_DESK : LAST],
    orders: 'any',
    gainsSeconds: 'any',
  };
}

/** Whether a caller named a package, as it is called or as it is misheard, or a letter or two beside it. */
export function isNamed(packageId: string, said: string): boolean {
  const names = PACKAGE_NAMES[packageId] ?? [packageId];
  return names.some((name) => said.toLowerCase().includes(name.slice(0, -1)));
}
