import { llm } from '@livekit/agents';
import { Fault } from '../../shared/errors.ts';
import type { CallContext, MeterReading } from './call-context.ts';

/** What every tool returns: sentences ready to be spoken, and the exact figures behind them. */
export type Speakable = { speech: string } & Readonly<Record<string, unknown>>;

/**
 * Runs a tool and turns an expected failure into something that can be said.
 * @returns undefined where the tool has spoken for itself
 * @throws llm.ToolError whose message is the sentence to speak
 */
export async function speakable<Answer extends Speakable | undefined = Speakable>(
  context: CallContext,
  work: (context: CallContext) => Promise<Answer> | Answer,
): Promise<Answer> {
  try {
    return await work(context);
  } catch (error) {
    if (error instanceof Fault) throw new llm.ToolError(context.sentences.faults[error.code]);
    throw error;
  }
}

/** @throws Fault `database_unavailable` while the call is not open */
export function openMeter(context: CallContext): MeterReading {
  const meter = context.meter();
  if (!meter) throw new Fault('database_unavailable');
  return meter;
}
