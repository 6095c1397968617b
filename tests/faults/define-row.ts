import fc from 'fast-check';
import { Findings } from './findings.ts';
import type { Sabotage, World } from './world.ts';

/** Where the cases of a row happen; several of them at once, if the row says so. */
type Bench<Plan> = {
  play(plan: Plan, findings: Findings): Promise<void>;
  close(): Promise<void>;
};

type Definition<Plan> = {
  /** As in docs/faults.md. */
  number: number;
  name: string;
  title: string;
  cases: { short: number; long: number };
  /** Cases under way at once on one bench, and how many benches. */
  atOnce: number;
  benches?: number;
  /** Everything that chance decides in a case, so that a seed repeats it. */
  plan: fc.Arbitrary<Plan>;
  open(world: World, sabotage: Sabotage | undefined): Promise<Bench<Plan>>;
  controls: Sabotage[];
  /** Why the row cannot be played on this machine. */
  missing?(): string | undefined;
};

export type CaseResult = { index: number; plan: unknown; findings: Findings };
export type Choice = {
  seed: number;
  cases: number;
  /** Only the case of this number. */
  only?: number | undefined;
  /** Fewer at once than the row has, and on one bench. */
  atOnce?: number | undefined;
  /** Begins no further case; those under way are played to their end. */
  signal?: AbortSignal | undefined;
};

const BROKE_OFF = 'the case broke off';

/** Whether a violation is something that was seen, and not that the case itself could not be played. */
export const isSeen = (what: string): boolean => !what.startsWith(BROKE_OFF);

async function playOne<Plan>(bench: Bench<Plan>, index: number, plan: Plan): Promise<CaseResult> {
  const findings = new Findings();
  try {
    await bench.play(plan, findings);
  } catch (error) {
    findings.violations.push(`${BROKE_OFF}: ${error instanceof Error ? error.stack : String(error)}`);
  }
  return { index, plan, findings };
}

async function playAll<Plan>(
  row: Definition<Plan>,
  world: World,
  choice: Choice,
  sabotage?: Sabotage,
): Promise<CaseResult[]> {
  const plans = fc.sample(row.plan, { seed: choice.seed, numRuns: choice.cases });
  const queue = [...plans.entries()]
    .filter(([index]) => choice.only === undefined || index === choice.only)
    .values();
  const results: CaseResult[] = [];
  // A control has done its work at the first violation.
  const isCaught = () => results.some(({ findings }) => findings.violations.some(isSeen));
  const isOver = () => choice.signal?.aborted === true || (sabotage !== undefined && isCaught());
  const atOnce = Math.min(row.atOnce, choice.atOnce ?? row.atOnce, choice.cases);
  const workBench = async () => {
    const bench = await row.open(world, sabotage);
    const work = async () => {
      for (const [index, plan] of queue) {
        if (isOver()) return;
        results.push(await playOne(bench, index, plan));
      }
    };
    try {
      await Promise.all(Array.from({ length: atOnce }, work));
    } finally {
      await bench.close();
    }
  };
  const benches =
    choice.atOnce === undefined ? Math.min(row.benches ?? 1, Math.ceil(choice.cases / atOnce)) : 1;
  await Promise.all(Array.from({ length: benches }, workBench));
  return results;
}

/** A row of the fault matrix: plays its cases, and its negative controls, which are cases on a broken build. */
export function defineRow<Plan>(definition: Definition<Plan>) {
  const { number, name, title, cases, controls, missing } = definition;
  return {
    number,
    name,
    title,
    cases,
    controls,
    missing: () => missing?.(),
    play: (world: World, choice: Choice) => playAll(definition, world, choice),
    playControl: (world: World, choice: Choice, sabotage: Sabotage) =>
      playAll(definition, world, choice, sabotage),
  };
}

export type Row = ReturnType<typeof defineRow>;
