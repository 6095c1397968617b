/** What callers have in a scenario, for turns that need it. */
export type Props = {
  /** An activation code with an hour behind it, and the same in groups of four. */
  code: string;
  groups: readonly [string, string, string];
  /** The code with one character wrong, in its second group. */
  slip: string;
  /** A code that somebody else has used already. */
  usedCode: string;
};

export type Turn = {
  /** What the caller says. */
  says: string | ((props: Props) => string);
  /**
   * Tools that have to be called, and arguments that count. Tools with consequences (`CONSEQUENTIAL`) may be called
   * only where they are named here or in `mayCall`.
   */
  calls?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  mayCall?: readonly string[];
  /** Harmless tools that would be a misunderstanding. */
  mustNotCall?: readonly string[];
  /** What any good answer has in it. */
  answer?: RegExp;
  /** What no answer may have in it, besides what none ever may. */
  never?: RegExp;
  /** A criterion for a language model that judges the last answer. */
  judge?: string;
  /** Interrupts the agent as soon as it has acted, or as soon as its first words reach the caller. */
  interrupted?: 'acting' | 'speaking';
};

/** A conversation, and what has to be true of it with any language model. */
export type Scenario = {
  /** Unique. */
  name: string;
  /** Row of the report. */
  topic: string;
  /** At the top-up desk: time is used up. */
  desk?: true;
  /** What the person told in earlier calls: what the agent is told of it in advance, and what it has to look up. */
  noted?: readonly string[];
  remembers?: readonly string[];
  turns: readonly Turn[];
  /** What is remembered at the end, in any order; unless given, everything as before. */
  remembersAtEnd?: readonly string[];
  /** Packages that are ordered at the end, each once; `any` where that is not known, and still each at most once. */
  orders?: readonly string[] | 'any';
  /** Seconds that the person has more at the end. */
  gainsSeconds?: number | 'any';
  /** Said by the caller, and nowhere to be found: in no history, request, log or message. */
  secrets?: readonly string[];
  /** Parts of a secret that nobody can know for one at first: in no history afterwards. */
  secretParts?: readonly string[];
};

/** Tools that do something which the caller has to have wanted. */
export const CONSEQUENTIAL: readonly string[] = [
  'start_purchase_process',
  'activate_code',
  'end_call',
  'forget',
  'keep_private',
];

/** One scenario for each way of saying the same thing. */
export function eachWay(
  scenario: Omit<Scenario, 'turns' | 'name'>,
  ways: readonly Turn['says'][],
  turn: Omit<Turn, 'says'>,
): Scenario[] {
  return ways.map((says) => ({
    ...scenario,
    name: `${scenario.topic}: ${typeof says === 'string' ? says : String(says)}`,
    turns: [{ says, ...turn }],
  }));
}
