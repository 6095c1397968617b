import { z } from 'zod';
import { listPackages } from '../../shared/catalogue/list-packages.ts';
import { worthInCents } from '../../shared/catalogue/worth-in-cents.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import { readAccount } from '../../shared/time/read-account.ts';
import type { Dependencies } from '../base/dependencies.ts';

/** Who uses a tool, and who pays; the server knows both, and what is sent decides neither. */
export type ToolUser = { deps: Dependencies; userId: string };
export type ToolResult = Record<string, unknown>;

type Tool = {
  /** As the agent's own tool is called, where it has one. */
  name: string;
  /** What it does and when to call it. */
  description: string;
  parameters: z.ZodObject;
  /** Takes longer than somebody waits: it is done as a job, and its use is told when that ends. */
  isJob?: boolean;
  /** @throws Fault which is told in words */
  run(args: Record<string, unknown>, user: ToolUser): Promise<ToolResult>;
};

const LONGEST_SECONDS = 1_000_000_000;

function defineTool<Parameters extends z.ZodObject>(
  tool: Omit<Tool, 'run' | 'parameters'> & {
    parameters: Parameters;
    run(args: z.output<Parameters>, user: ToolUser): Promise<ToolResult>;
  },
): Tool {
  return { ...tool, run: (args, user) => tool.run(tool.parameters.parse(args), user) };
}

const jobSchema = z.object({
  status: z.enum(['ended', 'under_way', 'unknown']),
  result: z.looseObject({}).optional(),
});
const receiptsSchema = z.object({
  receipts: z.int(),
  broken: z.array(z.int()),
  complete: z.boolean().nullable(),
});

/** The agent's tools that make sense without a call, and what programs ask for besides. */
export const TOOLS: readonly Tool[] = [
  defineTool({
    name: 'check_time_balance',
    description: 'How much prepaid time is left, in seconds; what live calls hold is not free.',
    parameters: z.object({}),
    async run(_args, { deps, userId }) {
      const account = await readAccount(deps.database, userId);
      return {
        remaining_seconds: account.balanceSeconds,
        free_seconds: account.freeSeconds,
        debt_seconds: account.debtSeconds,
        live_calls: account.liveCalls,
      };
    },
  }),
  defineTool({
    name: 'get_pricing_packages',
    description: 'The packages of time for sale, and their prices in the smallest unit of the currency.',
    parameters: z.object({}),
    async run(_args, { deps }) {
      const { packages } = await listPackages(deps.database);
      return {
        packages: packages.map(({ id, name, total_minutes, price_cents, currency, best_value }) => ({
          id,
          name,
          total_minutes,
          price_cents,
          currency,
          best_value,
        })),
      };
    },
  }),
  defineTool({
    name: 'estimate_session_cost',
    description: 'What so many seconds of a call are worth at the price of the smallest package.',
    parameters: z.object({ seconds: z.int().min(0).max(LONGEST_SECONDS) }),
    async run({ seconds }, { deps }) {
      const worth = worthInCents(seconds, await listPackages(deps.database));
      if (worth === undefined) throw new Fault('unknown_package', 'No package is for sale right now.');
      return { seconds, cost_cents: worth.cents, currency: worth.currency, package: worth.name };
    },
  }),
  defineTool({
    name: 'verify_receipts',
    description: 'Checks the whole chain of your receipts. Takes long: answers a job_id for read_job.',
    parameters: z.object({}),
    isJob: true,
    run: (_args, { deps, userId }) =>
      callFunction(deps.database, 'verify_receipts', { p_user_id: userId }, receiptsSchema),
  }),
  defineTool({
    name: 'read_job',
    description: 'What became of a job that takes long.',
    parameters: z.object({ job_id: z.uuid() }),
    async run({ job_id }, { deps, userId }) {
      const args = { p_id: job_id, p_user_id: userId };
      const { status, result } = await callFunction(deps.database, 'read_tool_job', args, jobSchema);
      if (status === 'unknown')
        throw new Fault('not_found', 'There is no such job of yours; results are kept for a day.');
      return { status, ...(result && { result }) };
    },
  }),
];
