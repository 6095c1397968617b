import { z } from 'zod';
import { Fault } from '../../shared/errors.ts';
import { PermanentError } from '../base/failures.ts';
import type { JobHandler } from '../base/job.ts';
import { endTool } from './meter-tool.ts';
import { TOOLS } from './tools.ts';

const payloadSchema = z.object({ id: z.uuid(), user_id: z.uuid(), tool: z.string() });

/**
 * Does what takes long, and tells of its end: the result and the one event of usage are one transaction, so a repeat after
 * a crash, of the work or of the word of its end, adds none.
 * @throws PermanentError, Fault `database_unavailable`
 */
export const doToolJob: JobHandler = async (deps, { payload }) => {
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) throw new PermanentError('the payload names no use of a tool');
  const { id, user_id: userId, tool: name } = parsed.data;
  const tool = TOOLS.find((one) => one.name === name && one.isJob);
  if (tool === undefined) throw new PermanentError('no such tool takes long');
  try {
    await endTool(deps.database, id, 'ok', await tool.run({}, { deps, userId }));
    return 'done';
  } catch (error) {
    // What passes is tried again; what does not is told once.
    if (!(error instanceof Fault) || error.status >= 500) throw error;
    await endTool(deps.database, id, 'refused', { error: { code: error.code, message: error.message } });
    return 'refused';
  }
};
