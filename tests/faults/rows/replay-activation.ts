import fc from 'fast-check';
import { formatActivationCode } from '../../../shared/activation-codes/code.ts';
import { deriveActivationCode } from '../../../shared/activation-codes/keyed-hash.ts';
import { reconcilePayments } from '../../../webhook-server/payments/reconcile-payments.ts';
import { audit } from '../call-books.ts';
import { defineRow } from '../define-row.ts';
import type { Findings } from '../findings.ts';
import { openSidecarBench, type SidecarBench } from '../sidecar-bench.ts';

type Plan = { people: number; asks: number; replays: number };

const plan: fc.Arbitrary<Plan> = fc.record({
  people: fc.integer({ min: 1, max: 8 }),
  asks: fc.constantFrom(2, 8, 64),
  replays: fc.integer({ min: 0, max: 3 }),
});

const EPOCH = new Date(0);
const STARTER_SECONDS = 3600;
const REFUSED = 409;
const UNANSWERED = 503;

async function play(bench: SidecarBench, one: Plan, findings: Findings): Promise<void> {
  const { sidecar, sql } = bench;
  const buyer = await bench.person();
  await bench.pay(buyer, 'starter', 'gift');
  await reconcilePayments(sidecar.deps, EPOCH);
  const [gift] = await sql<
    { id: string }[]
  >`select id from public.time_cards where purchaser_id = ${buyer.id}`;
  if (gift === undefined) throw new Error('the gift has no card');
  const code = formatActivationCode(deriveActivationCode(sidecar.deps.config.ACTIVATION_CODE_KEY, gift.id));
  const people = await Promise.all(Array.from({ length: one.people }, () => bench.person()));
  const ask = async (index: number) => {
    const person = people[index % people.length];
    return {
      ...(await sidecar.post('/activate', { token: person?.token ?? '', body: { code } })),
      by: person?.id,
    };
  };
  const answers = await Promise.all(Array.from({ length: one.asks }, (_, index) => ask(index)));
  for (let replay = 0; replay < one.replays; replay++) answers.push(await ask(replay));
  const [card] = await sql<{ owner: string | null }[]>`
    select user_id as owner from public.time_cards where id = ${gift.id}`;
  const won = answers.filter(({ status }) => status === 200).length;
  // On a starved machine the answer of the one that won may be lost: an honest "try again", to the owner and nobody else.
  const isLost = won === 0 && answers.some(({ status, by }) => status === UNANSWERED && by === card?.owner);
  findings.expect(won === 1 || isLost, `${won} of ${answers.length} activations were told that they had won`);
  const odd = answers.find(({ status }) => ![200, REFUSED, UNANSWERED].includes(status));
  findings.expect(odd === undefined, `an activation was answered ${odd?.status}: ${odd?.text}`);
  const [row] = await sql<{ balance: number; cards: number }[]>`
    select sum(balance_seconds)::int as balance,
      (select count(*)::int from public.time_cards where user_id in ${sql(people.map(({ id }) => id))}) as cards
    from public.time_accounts where user_id in ${sql(people.map(({ id }) => id))}`;
  findings.expect(
    row?.balance === STARTER_SECONDS && row.cards === 1,
    `together they have ${JSON.stringify(row)}`,
  );
  await audit(findings, sql);
}

export const replayActivation = defineRow<Plan>({
  number: 12,
  name: 'activation',
  title: 'an activation replayed, 64 at once',
  cases: { short: 8, long: 200 },
  atOnce: 2,
  plan,
  async open(world, sabotage) {
    const bench = await openSidecarBench(world, sabotage);
    return { play: (one, findings) => play(bench, one, findings), close: bench.close };
  },
  controls: [
    {
      name: 'a used code is not refused, and the ledger takes a grant twice',
      cuts: [
        ['public.activate_time_card', 'elsif v_card.account_id = v_account_id', 'elsif false'],
        ['public.activate_time_card', 'elsif v_card.account_id is not null', 'elsif false'],
        [
          'private.credit_grant',
          "v_bonus_reason || ':' || p_grant.id",
          'v_bonus_reason || gen_random_uuid()',
        ],
      ],
    },
  ],
});
