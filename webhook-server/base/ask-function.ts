import { z } from 'zod';
import { callFunction, type FunctionName } from '../../shared/database/call-function.ts';
import { Fault, type FaultCode } from '../../shared/errors.ts';
import type { Dependencies } from './dependencies.ts';

/** What each status by which functions refuse is told as. */
type Refusals = Readonly<Record<string, readonly [FaultCode, detail?: string]>>;

/** @returns asks a function of the database: its answer, or the fault that its refusal is */
export function askerOf(refusals: Refusals) {
  const refusal = z.object({ status: z.enum(Object.keys(refusals)) });

  /** @throws Fault as `refusals` say, `database_unavailable` */
  return async function ask<Answer extends z.ZodType>(
    { database }: Dependencies,
    name: FunctionName,
    args: Record<string, unknown>,
    answer: Answer,
  ): Promise<z.output<Answer>> {
    const found = await callFunction(database, name, args as never, z.union([refusal, answer]));
    const refused = refusal.safeParse(found);
    const told = refused.success ? refusals[refused.data.status] : undefined;
    if (told === undefined) return found as z.output<Answer>;
    const [code, detail] = told;
    throw new Fault(code, detail);
  };
}
